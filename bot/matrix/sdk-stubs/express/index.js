module.exports = require('../unused.cjs')('express');
