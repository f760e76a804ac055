import { code, type Inline, say } from '../inline.ts';

export const STATUS = {
  /** What a finding is about, by its English name; empty in English. */
  about: {} as Readonly<Partial<Record<string, string>>>,
  answers: (server: string, ms: number): Inline[] => say`${code(server)} answers (${ms} ms).`,
  checkServer: 'Check that it is running and that bot.server is right.',
  tokenApiWorks: (backend: string) => `${backend} lets the bot manage registration tokens.`,
  rateLimitOff: 'the homeserver does not limit how fast the bot may answer.',
  rateLimitOn: 'the homeserver limits how fast the bot may answer. A server admin lifts it:',
  registration: {
    token: 'open to people with a token.',
    open: 'open to everybody, even without a token. Set registration_requires_token: true in the homeserver’s configuration.',
    closed:
      'closed, so tokens can’t be used. Set enable_registration: true and registration_requires_token: true in the homeserver’s configuration.',
    unknown: 'the homeserver does not say right now whether it asks for a token.',
  },
  widgetOff: {
    'widget.enabled': 'off, because widget.enabled is false in the configuration.',
    'widget.public_url': 'off, because widget.public_url is missing in the configuration.',
    'bot.trust': 'off, because bot.trust is signed in the configuration.',
  },
  widgetServed: (address: string): Inline[] => say`served at ${code(address)}`,
  nobodyCanSignIn: 'nobody can sign in to it.',
  proxyUntrusted:
    'is not in web.trusted_proxies, so that everybody behind it counts as one address. If it is your reverse proxy, add:',
  encryptionOff: 'off (bot.encryption is false). The bot can neither read nor write in encrypted rooms.',
  trust: {
    any: 'commands are taken from any device of people with access (bot.trust is any).',
    signed:
      'commands are taken only in encrypted rooms, and from devices that their owner has verified (bot.trust is signed).',
  },
  encryptionOn: 'on. The bot’s device and its session key:',
  identityKept:
    'the bot’s device is signed; bot.recovery_key brings the identity back should the data folder be lost.',
  identityOwn:
    'the bot’s device is signed. Set bot.recovery_key to keep the identity should the data folder be lost.',
  sameEmoji: 'whoever verifies the bot must see the same emoji.',
};
