module.exports = require('../unused.cjs')('sanitize-html');
