// The types that matrix-bot-sdk's declarations import. The bot uses none of them.
export type OlmMachine = never;
export type StoreType = never;
export type RoomId = never;
export type UserId = never;
export type DeviceId = never;
export type DeviceLists = never;
export type EncryptionSettings = never;
export type KeysUploadRequest = never;
export type KeysQueryRequest = never;
export type KeysClaimRequest = never;
export type ToDeviceRequest = never;
export type SignatureUploadRequest = never;
export type KeysBackupRequest = never;
