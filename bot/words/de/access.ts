import type { EnglishWords } from '../en/english.ts';
import { code, command, say } from '../inline.ts';

export const ACCESS: EnglishWords['access'] = {
  sentence({ serverName, byDefault, isOpen }) {
    if (!byDefault) return ['Wer namentlich zugelassen ist, darf Registrierungstoken verwalten.'];
    return isOpen
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
  openQuestion: (serverName) => `Sollen alle Nutzer von ${serverName} Registrierungstoken verwalten dürfen?`,
  wouldBeLast: (patterns) =>
    say`Ohne ${patterns} wäre niemand mehr namentlich zugelassen, und alle dort dürften Token verwalten.`,
  howToAnswer: (duration, byReaction) =>
    byReaction
      ? say`Antworte innerhalb von ${duration}: mit ✅, um es für alle zu öffnen, mit ❌, damit alles bleibt, oder schreib ${command('confirm')} oder ${command('cancel')}.`
      : say`Antworte innerhalb von ${duration}: mit ${command('confirm')}, um es für alle zu öffnen, oder mit ${command('cancel')}, damit alles bleibt. Reaktionen zählen hier nicht.`,
  confirmedBy: (by) => `Bestätigt von ${by}. `,
  unchanged: {
    cancelled: (by) => `Abgebrochen von ${by}. Nichts wurde geändert. `,
    expired: () => 'Ich habe rechtzeitig keine Antwort gesehen. Nichts wurde geändert. ',
    access_lost: (by) => `${by} darf keine Token mehr verwalten. Nichts wurde geändert. `,
  },
  listStays: (patterns) => say`Weiterhin zugelassen: ${patterns}.`,
  noPeople: (patterns) =>
    patterns.length === 0
      ? ['Gäste nur, wenn genau ihre Benutzer-ID zugelassen ist.']
      : say`Gäste und ${patterns} nur, wenn genau ihre Benutzer-ID zugelassen ist.`,
  these: 'Diese dürfen Registrierungstoken verwalten:',
  fromConfiguration: ' (Konfiguration)',
  allowedBy: (by, when) => ` (zugelassen von ${by}, ${when})`,
};
