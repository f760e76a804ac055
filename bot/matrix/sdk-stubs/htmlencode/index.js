const unused = require('../unused.cjs');

module.exports = { htmlEncode: unused('htmlencode') };
