module.exports = require('../unused.cjs')('lowdb');
