// The configuration as the rest of the bot sees it: complete, checked, in the units named here.

import type { Language } from '../../common/language.ts';

export interface Config {
  bot: {
    /** The homeserver's client API, without a trailing slash. */
    server: string;
    /** Localpart or full user ID, as written. */
    username: string | undefined;
    password: string | undefined;
    /** Used rather than the password if both are there. */
    access_token: string | undefined;
    /** Empty: every message in a direct room is a command. */
    prefix: string;
    /** Of all that the bot says in the chat. */
    language: Language;
    /** Absolute path. */
    data_dir: string;
    /** Whose invites are accepted; those of people with access always are. */
    accept_invites: 'homeserver' | 'allowed' | 'anyone';
    encryption: boolean;
    /** `signed`: restricted commands only in encrypted rooms, from devices that their owner cross-signed. */
    trust: 'any' | 'signed';
    /** Members, joined and invited, up to which the bot stays in an encrypted room. */
    most_members: number;
    /** As people write it; known to be one. */
    recovery_key: string | undefined;
    reset_identity: boolean;
  };
  /** Without credentials here, the bot's own are meant. */
  api: {
    backend: 'auto' | 'synapse' | 'mas';
    /** Without a trailing slash. */
    base_url: string;
    /** Used rather than the password if both are there. */
    token: string | undefined;
    /** Comes with `password`, unless there is a token. */
    username: string | undefined;
    password: string | undefined;
  };
  access: {
    /** Who may manage tokens while nobody is allowed by name. */
    default: 'homeserver' | 'nobody';
    /** User IDs or patterns, each known to be valid. */
    allow: string[];
    /** Patterns, each known to be valid, of users who have access only by their exact user ID. */
    deny: string[];
  };
  widget: {
    /** The widget is served only if `public_url` is there as well. */
    enabled: boolean;
    /** Host without brackets; port 0: any free one. */
    listen: { host: string; port: number };
    /** Without a trailing slash. */
    public_url: string | undefined;
    layout: 'top' | 'right' | 'none';
    /** `*`, `'self'` or origins, in the form of the CSP directive `frame-ancestors`; at least one. */
    frame_ancestors: string[];
    /** Without a trailing slash. */
    openid_url: string;
  };
  web: {
    /** Addresses and networks (`172.18.0.0/16`) of reverse proxies whose `X-Forwarded-For` is believed, each valid. */
    trusted_proxies: string[];
  };
  metrics: {
    /** Host without brackets; port 0: any free one. undefined: off. */
    listen: { host: string; port: number } | undefined;
  };
  tokens: {
    /** null: unlimited. */
    default_uses: number | null;
    /** Milliseconds from creation; null: never. */
    default_expiry: number | null;
    /** Characters, 8 to 64. */
    length: number;
  };
  /** Milliseconds. */
  confirm_timeout: number;
  logging: {
    level: 'debug' | 'info' | 'warn' | 'error';
    format: 'pretty' | 'json';
  };
}

export type Section = Exclude<keyof Config, 'confirm_timeout'>;

/** The name of a key as messages and documentation write it: `bot.server`, `confirm_timeout`. */
export type Path = { [S in Section]: `${S}.${keyof Config[S] & string}` }[Section] | 'confirm_timeout';

/** The type of the value under a key. */
export type ValueAt<P extends Path> = P extends `${infer S extends Section}.${infer K}`
  ? Config[S][K & keyof Config[S]]
  : Config['confirm_timeout'];
