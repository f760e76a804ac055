module.exports = require('../unused.cjs')('postgres');
