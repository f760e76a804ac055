import type { EnglishWords } from '../en/english.ts';

export const COMMANDS: EnglishWords['commands'] = {
  create: {
    usage: '[TOKEN] [uses=N|unlimited] [expires=7d|never|2026-12-31] [count=N]',
    summary: 'erstellt einen Registrierungstoken',
    examples: [
      { line: 'create', does: 'eine Nutzung, sieben Tage' },
      { line: 'create uses=5 expires=2w', does: 'fünf Nutzungen, zwei Wochen' },
      {
        line: 'create sommerfest uses=unlimited expires=2026-12-31',
        does: 'ein eigener Token, bis zum Ende dieses Tages (UTC)',
      },
      { line: 'create count=10', does: 'zehn Token auf einmal' },
    ],
  },
  list: {
    usage: '[valid|expired|used] [Seite]',
    summary: 'zeigt die Token, die neuesten zuerst',
    examples: [
      { line: 'list', does: 'alle' },
      { line: 'list valid', does: 'die gültigen, mit denen man sich noch registrieren kann' },
      { line: 'list used 2', does: 'die zweite Seite der verbrauchten' },
    ],
  },
  show: {
    usage: 'TOKEN…',
    summary: 'zeigt alles über einen oder mehrere Token',
    examples: [{ line: 'show abcdef123456', does: 'Nutzungen, laufende Registrierungen, Ablauf' }],
  },
  edit: {
    usage: 'TOKEN [uses=N|unlimited] [expires=7d|never|2026-12-31]',
    summary: 'ändert, wie oft und wie lange ein Token gilt',
    examples: [
      { line: 'edit abcdef123456 uses=3', does: 'insgesamt drei Nutzungen, die bisherigen eingerechnet' },
      { line: 'edit abcdef123456 expires=14d', does: 'zwei Wochen ab jetzt' },
    ],
  },
  delete: {
    usage: 'TOKEN…',
    summary: 'löscht einen oder mehrere Token, nachdem du bestätigt hast',
    examples: [
      {
        line: 'delete abcdef123456',
        does: 'niemand kann sich mehr damit registrieren; damit erstellte Konten bleiben',
      },
    ],
  },
  'delete-all': {
    usage: '[expired|used]',
    summary: 'löscht alle Token oder alle abgelaufenen oder verbrauchten, nachdem du bestätigt hast',
    examples: [
      { line: 'delete-all expired', does: 'räumt auf' },
      { line: 'delete-all', does: 'nimmt alle Token zurück' },
    ],
  },
  allow: {
    usage: 'MUSTER…',
    summary: 'lässt Personen Token verwalten',
    examples: [
      { line: 'allow @alice:example.org', does: 'eine Person' },
      {
        line: 'allow @.*:example.org',
        does: 'alle auf einem Server (ein regulärer Ausdruck für die ganze Nutzer-ID)',
      },
    ],
  },
  disallow: {
    usage: 'MUSTER…',
    summary: 'nimmt das zurück',
    examples: [{ line: 'disallow @alice:example.org', does: 'genau so, wie es zugelassen wurde' }],
  },
  allowed: { usage: '', summary: 'zeigt, wer Token verwalten darf und warum', examples: [] },
  status: { usage: '', summary: 'zeigt, was funktioniert und was nicht', examples: [] },
  widget: {
    usage: '',
    summary: 'holt das Widget (wieder) in diesen Raum oder sagt, was dafür fehlt',
    examples: [],
  },
  confirm: { usage: '', summary: 'beantwortet die offene Frage mit Ja, wie ✅', examples: [] },
  cancel: { usage: '', summary: 'beantwortet die offene Frage mit Nein, wie ❌', examples: [] },
  help: {
    usage: '[Befehl]',
    summary: 'erklärt die Befehle',
    examples: [{ line: 'help create', does: 'alles über einen Befehl' }],
  },
};
