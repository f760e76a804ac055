import type { EnglishWords } from '../en/english.ts';
import { code, say } from '../inline.ts';

export const STATUS: EnglishWords['status'] = {
  about: {
    'Token API': 'Token-API',
    'Rate limit': 'Ratenbegrenzung',
    Registration: 'Registrierung',
    Access: 'Zugriff',
    Encryption: 'Verschlüsselung',
    Identity: 'Identität',
    Devices: 'Geräte',
    Verification: 'Verifizierung',
  },
  answers: (server, ms) => say`${code(server)} antwortet (${ms} ms).`,
  checkServer: 'Prüfe, ob er läuft und ob bot.server stimmt.',
  tokenApiWorks: (backend) => `${backend} lässt den Bot Registrierungstoken verwalten.`,
  rateLimitOff: 'der Homeserver begrenzt nicht, wie schnell der Bot antworten darf.',
  rateLimitOn: 'der Homeserver begrenzt, wie schnell der Bot antworten darf. Ein Server-Admin hebt das auf:',
  registration: {
    token: 'offen für alle mit einem Token.',
    open: 'offen für alle, auch ohne Token. Setze registration_requires_token: true in der Konfiguration des Homeservers.',
    closed:
      'geschlossen, deshalb nützen Token nichts. Setze enable_registration: true und registration_requires_token: true in der Konfiguration des Homeservers.',
    unknown: 'der Homeserver sagt gerade nicht, ob er nach einem Token fragt.',
  },
  widgetOff: {
    'widget.enabled': 'aus, weil widget.enabled in der Konfiguration auf false steht.',
    'widget.public_url': 'aus, weil widget.public_url in der Konfiguration fehlt.',
    'bot.trust': 'aus, weil bot.trust in der Konfiguration auf signed steht.',
  },
  widgetServed: (address) => say`erreichbar unter ${code(address)}`,
  nobodyCanSignIn: 'niemand kann sich dort anmelden.',
  proxyUntrusted:
    'steht nicht in web.trusted_proxies, deshalb zählen alle hinter ihm als eine Adresse. Wenn es dein Reverse Proxy ist, trage ein:',
  encryptionOff:
    'aus (bot.encryption ist false). Der Bot kann in verschlüsselten Räumen weder lesen noch schreiben.',
  trust: {
    any: 'Befehle von jedem Gerät derer, die Zugriff haben, werden angenommen (bot.trust ist any).',
    signed:
      'Befehle werden nur in verschlüsselten Räumen angenommen, und nur von Geräten, die ihr Besitzer verifiziert hat (bot.trust ist signed).',
  },
  encryptionOn: 'an. Das Gerät des Bots und sein Sitzungsschlüssel:',
  identityKept:
    'das Gerät des Bots ist signiert; bot.recovery_key bringt die Identität zurück, falls der Datenordner verloren geht.',
  identityOwn:
    'das Gerät des Bots ist signiert. Setze bot.recovery_key, damit die Identität erhalten bleibt, falls der Datenordner verloren geht.',
  sameEmoji: 'wer den Bot verifiziert, muss dieselben Emoji sehen.',
};
