// Limits of registration tokens, shared by schemas and messages.

export const MAX_TOKEN_LENGTH = 64;
export const MAX_TOKENS_AT_ONCE = 50;
/** The limit is a 32-bit column of Synapse's PostgreSQL schema. */
export const MAX_USES = 2_147_483_647;
