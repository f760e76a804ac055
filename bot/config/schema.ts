// Every key of the configuration, once: how it is read, its default, and what the documentation says about it.
import { LANGUAGES } from '../../common/language.ts';
import { MAX_TOKEN_LENGTH } from '../../common/token.ts';
import type { Config, Path, Section, ValueAt } from './config.ts';
import {
  accessToken,
  choice,
  duration,
  durationOrNever,
  flag,
  frameAncestors,
  httpUrl,
  type Kind,
  line,
  listenAddress,
  networks,
  recoveryKey,
  text,
  userName,
  userPatterns,
  uses,
  wholeNumber,
} from './valueKinds.ts';

export interface Setting<T> {
  readonly kind: Kind<Exclude<T, undefined>>;
  readonly required?: true;
  /** As it would be written in the environment; read by `kind` like any other. */
  readonly fallback?: string;
  /** The key whose value is taken when this one has none. */
  readonly sameAs?: Path;
  /** Never shown; can also come from the file that the variable with `_FILE` appended names. */
  readonly secret?: true;
  /** Markdown, full sentences. */
  readonly description: string;
  /** As it would be written in YAML. */
  readonly example: string;
}

const DAY = 86_400_000;

const SETTINGS_BY_PATH: { readonly [P in Path]: Setting<ValueAt<P>> } = {
  'bot.server': {
    kind: httpUrl("the homeserver's address, such as https://matrix.example.org"),
    required: true,
    description:
      'The address of the homeserver that the bot signs in to. It may have a path, but no `?` or `#`.',
    example: 'https://matrix.example.org',
  },
  'bot.username': {
    kind: userName(),
    description: "The bot's account: its localpart or its full user ID. Needed with `bot.password`.",
    example: 'registration-bot',
  },
  'bot.password': {
    kind: text("the password of the bot's account"),
    secret: true,
    description: "The password of the bot's account. Needed if there is no `bot.access_token`.",
    example: '"a long password"',
  },
  'bot.access_token': {
    kind: accessToken("an access token of the bot's account"),
    secret: true,
    description:
      "An access token of the bot's account, instead of user name and password. If both are given, the access token is used.",
    example: 'syt_cmVn…',
  },
  'bot.prefix': {
    kind: line('a few characters on one line, such as "!"'),
    fallback: '',
    description:
      'What commands start with. Empty: every message in a direct room is a command; in rooms with more people the bot then has to be mentioned.',
    example: '"!"',
  },
  'bot.language': {
    kind: choice(LANGUAGES),
    fallback: 'en',
    description:
      'The language of all that the bot says in the chat, and of the title of its widget: English or German. The widget itself speaks the language of its user; log and command line speak English.',
    example: 'en',
  },
  'bot.data_dir': {
    kind: line('the path of a folder'),
    fallback: './data',
    description:
      "The folder for the bot's state: sync position, allow list, encryption keys. Keep it between restarts. A relative path starts at the configuration file's folder, or at the working directory if there is no such file.",
    example: './data',
  },
  'bot.accept_invites': {
    kind: choice(['homeserver', 'allowed', 'anyone']),
    fallback: 'homeserver',
    description:
      "Whose invites the bot accepts: those of users of its own homeserver, only those of people with access, or anyone's. Invites of people with access are always accepted.",
    example: 'homeserver',
  },
  'bot.encryption': {
    kind: flag(),
    fallback: 'true',
    description:
      'Whether the bot takes part in end-to-end encryption. Without it, it cannot read encrypted rooms, and clients create new direct rooms with it unencrypted.',
    example: 'true',
  },
  'bot.trust': {
    kind: choice(['any', 'signed']),
    fallback: 'any',
    description:
      'Which devices of people with access the bot obeys: `any`, or only those that their owner has verified (cross-signed). With `signed`, commands that concern tokens or access are taken only in encrypted rooms, answers can be read only on verified devices, deletions are confirmed by typing, and the widget stays off: see [encryption.md](encryption.md#only-verified-devices). Needs `bot.encryption`.',
    example: 'any',
  },
  'bot.most_members': {
    kind: wholeNumber(2, 10_000),
    fallback: '50',
    description:
      'How many members, joined and invited, an encrypted room may have. The bot says in bigger ones that it can’t stay, and leaves: each answer may need a key for every device of every member. Rooms without encryption may be of any size.',
    example: '50',
  },
  'bot.recovery_key': {
    kind: recoveryKey(),
    secret: true,
    description:
      "The key to the secret storage of the bot's account. With it the bot keeps the private keys of its cross-signing identity there, encrypted, and gets them back should the data folder be lost. `npm start -- --recovery-key` prints a new one; if the account has secret storage already, use its key.",
    example: '""',
  },
  'bot.reset_identity': {
    kind: flag(),
    fallback: 'false',
    description:
      "Replaces the cross-signing identity of the bot's account if its private keys are elsewhere or lost; needs `bot.password`. People who verified the bot have to do that again. Take it out again afterwards.",
    example: 'false',
  },
  'api.backend': {
    kind: choice(['auto', 'synapse', 'mas']),
    fallback: 'auto',
    description:
      'Who manages the registration tokens: Synapse, or the Matrix Authentication Service (`mas`, which this version of the bot can’t manage yet). `auto` uses Synapse’s API; where that has handed registration to MAS, the bot says so.',
    example: 'auto',
  },
  'api.base_url': {
    kind: httpUrl('the address of the admin API, such as http://synapse:8008'),
    sameAs: 'bot.server',
    description:
      "Where the admin API is reached, if that is not the homeserver's public address; for example the internal address of a server whose proxy does not expose it.",
    example: 'http://synapse:8008',
  },
  'api.token': {
    kind: accessToken('an access token of a server admin'),
    secret: true,
    description:
      "An access token of a server admin. Without any credentials here, the bot's own are used; its account must then be a server admin.",
    example: 'syt_YWRt…',
  },
  'api.username': {
    kind: userName(),
    description: 'The account of a server admin, instead of `api.token`. Needs `api.password`.',
    example: 'admin',
  },
  'api.password': {
    kind: text('the password of a server admin'),
    secret: true,
    description: 'The password that belongs to `api.username`.',
    example: '"another long password"',
  },
  'access.default': {
    kind: choice(['homeserver', 'nobody']),
    fallback: 'homeserver',
    description:
      "Who may manage tokens as long as nobody is allowed by name, here or by the command `allow`: every person with an account on the bot's homeserver, or nobody. Guests and users who match `access.deny` are not among those people.",
    example: 'nobody',
  },
  'access.allow': {
    kind: userPatterns(),
    fallback: '',
    description:
      'User IDs, or patterns that have to match a whole user ID, of the people who may manage tokens. Always in force, beside those who are allowed by command. A pattern with a comma can only be given in the file, since the environment variable is split at commas.',
    example: '["@admin:example.org"]',
  },
  'access.deny': {
    kind: userPatterns(),
    fallback: '@_.*',
    description:
      'Patterns of users who are no people, such as those that bridges and other application services create; the default matches the names that most bridges give them. `access.default` and the patterns of allowed users do not apply to who matches one of these, nor to guests (user IDs such as `@42:example.org`): they have access only if exactly their user ID is allowed. A pattern has to match the whole user ID, or all of it before the server name. `[]` in the file: none.',
    example: '["@_.*", "@telegram_.*"]',
  },
  'widget.enabled': {
    kind: flag(),
    fallback: 'true',
    description: 'Whether the bot serves its widget. It also needs `widget.public_url`.',
    example: 'true',
  },
  'widget.listen': {
    kind: listenAddress('127.0.0.1'),
    fallback: '127.0.0.1:8080',
    description:
      'Where the web server of the bot listens. A port alone means 127.0.0.1; in a container use `0.0.0.0:8080`.',
    example: '127.0.0.1:8080',
  },
  'widget.public_url': {
    kind: httpUrl('an https address, or an http address on localhost, 127.0.0.1 or [::1]'),
    description:
      "Where browsers reach the bot's web server: https, or http on localhost, 127.0.0.1 or [::1]. Without it there is no widget.",
    example: 'https://regbot.example.org',
  },
  'widget.layout': {
    kind: choice(['top', 'right', 'none']),
    fallback: 'top',
    description:
      'Where clients show the widget at first: above the messages, beside them, or only on request.',
    example: 'top',
  },
  'widget.frame_ancestors': {
    kind: frameAncestors(),
    fallback: '*',
    description:
      "The origins of the clients that may show the widget; `*` for all of them, `'self'` for the widget's own origin.",
    example: '["https://app.element.io"]',
  },
  'widget.openid_url': {
    kind: httpUrl('the address at which the homeserver answers OpenID requests, such as http://synapse:8008'),
    sameAs: 'bot.server',
    description:
      "Where the bot checks who uses the widget: it asks `/_matrix/federation/v1/openid/userinfo` there. Needed if that path is not reachable at the homeserver's address.",
    example: 'http://synapse:8008',
  },
  'web.trusted_proxies': {
    kind: networks(),
    fallback: '127.0.0.1/32,::1/128',
    description:
      "The reverse proxies in front of the bot's web server: it believes the `X-Forwarded-For` of these addresses only. Name yours if it is on another machine or in another container; otherwise everybody behind it counts as one address, and shares one limit of requests. Don't name networks from which people come.",
    example: '["172.18.0.0/16", "fd00:18::/64"]',
  },
  'metrics.listen': {
    kind: listenAddress('127.0.0.1'),
    description:
      "Where the bot serves its metrics for Prometheus (`/metrics`) and its health (`/health`). Absent: nowhere. A port alone means 127.0.0.1. No login is needed there, so don't expose it to the internet.",
    example: '127.0.0.1:9464',
  },
  'tokens.default_uses': {
    kind: uses(),
    fallback: '1',
    description: 'How many registrations a new token allows unless something else is asked for.',
    example: '1',
  },
  'tokens.default_expiry': {
    // A limit, because the date at which a token expires has to be one that a calendar can name.
    kind: durationOrNever({ least: 1000, most: 36_500 * DAY, words: 'at most 36500d' }),
    fallback: '7d',
    description: 'How long a new token is valid unless something else is asked for.',
    example: '7d',
  },
  'tokens.length': {
    kind: wholeNumber(8, MAX_TOKEN_LENGTH),
    fallback: '16',
    description: 'How many characters the tokens have that the bot makes up.',
    example: '16',
  },
  confirm_timeout: {
    // Timers hold at most 24.8 days.
    kind: duration({ least: 10_000, most: 24 * DAY, words: 'at least 10s and at most 24d' }),
    fallback: '5m',
    description: 'How long a question such as "delete these tokens?" can be answered.',
    example: '5m',
  },
  'logging.level': {
    kind: choice(['debug', 'info', 'warn', 'error'], { warning: 'warn', critical: 'error', fatal: 'error' }),
    fallback: 'info',
    description:
      'The least important messages that are logged. Upper case is accepted, as is `WARNING` for `warn`.',
    example: 'info',
  },
  'logging.format': {
    kind: choice(['pretty', 'json']),
    fallback: 'pretty',
    description: 'Lines for people, or JSON for programs.',
    example: 'pretty',
  },
};

export const SECTIONS: { readonly [S in Section]: string } = {
  bot: "The bot's own account and behaviour.",
  api: 'The API by which tokens are managed, and the credentials for it.',
  access: 'Who may manage tokens.',
  widget:
    'The widget that the bot puts into direct rooms, with buttons and forms for everything that the commands do.',
  web: 'The web server of the widget.',
  metrics: 'Metrics and health, for monitoring.',
  tokens: 'Defaults of new tokens.',
  logging: 'The log, on standard output.',
};

export const PATHS = Object.keys(SETTINGS_BY_PATH) as Path[];

const KNOWN: ReadonlySet<string> = new Set(PATHS);

export function isPath(text: string): text is Path {
  return KNOWN.has(text);
}

export function isSection(text: string): text is Section {
  return Object.hasOwn(SECTIONS, text);
}

/** The setting of any key; its value's type is only known to the compiler where the key is. */
export function settingOf<P extends Path>(path: P): Setting<ValueAt<P>> {
  // TypeScript can't see that indexing a mapped type by its own parameter gives this very type.
  return SETTINGS_BY_PATH[path] as unknown as Setting<ValueAt<P>>;
}

/** The environment variable of a key: `bot.server` → `BOT_SERVER`. */
export function variableOf(path: Path): string {
  return path.toUpperCase().replaceAll('.', '_');
}

/** The environment variable that names a file with the secret, for keys that are secret. */
export function secretFileVariableOf(path: Path): string | undefined {
  return settingOf(path).secret ? `${variableOf(path)}_FILE` : undefined;
}

/** Sorts values into the shape of the configuration. Every key must be there. */
export function nest(values: ReadonlyMap<Path, unknown>): Config {
  const config: Record<string, unknown> = {};
  for (const section of Object.keys(SECTIONS)) {
    const prefix = `${section}.`;
    const own = [...values].filter(([path]) => path.startsWith(prefix));
    config[section] = Object.fromEntries(own.map(([path, value]) => [path.slice(prefix.length), value]));
  }
  for (const [path, value] of values) if (!path.includes('.')) config[path] = value;
  // Each value was read by the setting under its path, whose type is the one that Config has there.
  return config as unknown as Config;
}
