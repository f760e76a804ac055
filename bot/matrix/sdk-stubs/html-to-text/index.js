const unused = require('../unused.cjs');
module.exports = { htmlToText: unused('html-to-text') };
