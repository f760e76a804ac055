// What the widget has to know of its API's requests. Separate from `api.ts`, so that its bundle has no schemas of requests.

/** Tokens per page, at most. */
export const MAX_PAGE_SIZE = 200;
/** Tokens deleted by one request, at most. */
export const MAX_DELETIONS = 1000;
/** `changed`: latest change first. */
export const TOKEN_SORTS = ['changed', 'token', 'expiry_time', 'completed'] as const;
export type TokenSort = (typeof TOKEN_SORTS)[number];
