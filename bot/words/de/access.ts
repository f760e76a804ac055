import type { EnglishWords } from '../en/english.ts';
import { code, command, say } from '../inline.ts';

export const ACCESS: EnglishWords['access'] = {
  sentence({ serverName, byDefault, accessDefault }) {
    if (!byDefault) return ['Wer namentlich zugelassen ist, darf Registrierungstoken verwalten.'];
    return accessDefault === 'homeserver'
      ? say`Alle Nutzer von ${code(serverName)} dürfen Registrierungstoken verwalten, weil niemand namentlich zugelassen ist.`
      : ['Niemand darf Registrierungstoken verwalten, weil niemand namentlich zugelassen ist.'];
  },
  narrowing: (serverName) =>
    say`Um das einzuschränken, lass Personen namentlich zu: ${command(`allow @somebody:${serverName}`)} (du selbst kommst dazu).`,
  askAdministrators: (serverName) =>
    say` Wenn du einen Token brauchst, frag die Administratoren von ${code(serverName)}.`,
  askOneOfThem: [' Wenn du einen Token brauchst, frag eine dieser Personen.'],
  askToBeAllowed: (userId) =>
    say` Um selbst Token zu verwalten, bitte jemanden, der es darf, mir ${command(`allow ${userId}`)} zu schicken.`,

  allowed: (patterns) => say`Zugelassen: ${patterns}.`,
  already: (patterns) => say`Schon vorher zugelassen: ${patterns}.`,
  alsoAdded: (pattern) =>
    say`Du bist ebenfalls zugelassen (${code(pattern)}), damit du deinen Zugriff behältst.`,
  inAll: (n) => say`Jetzt insgesamt ${n}, sonst niemand: ${command('allowed')} zeigt sie.`,
  removed: (patterns) => say`Nicht mehr zugelassen: ${patterns}.`,
  these: 'Diese dürfen Registrierungstoken verwalten:',
  fromConfiguration: ' (Konfiguration)',
  allowedBy: (by, when) => ` (zugelassen von ${by}, ${when})`,
};
