// Settings that several features are tested with.

export const PUBLIC_URL = 'http://localhost:18080';

/** Served at a free port. The public address is required, but no browser opens it. */
export const WIDGET_SETTINGS = { WIDGET_PUBLIC_URL: PUBLIC_URL, WIDGET_LISTEN: '127.0.0.1:0' };

/** For a bot that is killed: it signs in without a request, as one device in all its processes, and has no widget. */
export const BARE_BOT = { signIn: 'access token', settings: { WIDGET_ENABLED: 'false' } } as const;
