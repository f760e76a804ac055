// What stands in for a package that matrix-bot-sdk loads for parts that the bot does not use: it may be loaded and passed
// around, but fails as soon as it is called or asked for anything.

/** @param name the package */
module.exports = function unused(name) {
  const fail = (what) => {
    throw new Error(
      `matrix-bot-sdk uses ${what} of the package “${name}”, for which bot/matrix/sdk-stubs has only a stub. ` +
        'Take its override out of package.json.',
    );
  };
  return new Proxy(class {}, {
    apply: () => fail('a function'),
    construct: () => fail('a class'),
    get: (_, key) => fail(`“${String(key)}”`),
  });
};
