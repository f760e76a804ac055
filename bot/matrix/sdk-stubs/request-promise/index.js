module.exports = require('../unused.cjs')('request-promise');
