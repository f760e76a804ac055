module.exports = require('../unused.cjs')('morgan');
