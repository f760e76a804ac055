// Which Node runs the project: the one installed as an npm package, or the machine's own. Plain JavaScript, because it runs
// on whatever Node the machine has.

/** The first that runs TypeScript as it is; `engines` in package.json says the same. */
const OLDEST = [22, 18];

/**
 * The message if no suitable Node is there; undefined: there is one.
 * @param {{ version: string, brought: boolean, system: string }} facts the machine's own Node; whether a package has one;
 *   operating system and processor
 */
export function missingNode({ version, brought, system }) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST;
  if (brought || major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return (
    `Node ${OLDEST.join('.')} or newer is needed, this is Node ${version}, and none comes along for ${system}. ` +
    'Install Node 24 from https://nodejs.org/en/download, then run this again.'
  );
}
