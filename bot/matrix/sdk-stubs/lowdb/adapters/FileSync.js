module.exports = require('../../unused.cjs')('lowdb/adapters/FileSync');
