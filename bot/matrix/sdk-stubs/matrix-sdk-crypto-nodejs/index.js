// matrix-bot-sdk loads this module as soon as it is imported and reads these names while loading.
// The bot never uses the SDK's own crypto, so nothing here is ever called.
module.exports = { StoreType: {}, RequestType: {}, EncryptionAlgorithm: {}, DecryptionErrorCode: {} };
