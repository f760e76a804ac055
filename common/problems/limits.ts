// Limits of registration tokens, on their own so that rules and messages can share them.

export const MAX_TOKEN_LENGTH = 64;
export const MAX_TOKENS_AT_ONCE = 50;
/** Synapse keeps the limit in a 32-bit column on PostgreSQL. */
export const MAX_USES = 2_147_483_647;
