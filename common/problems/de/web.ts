import type { WEB_PROBLEMS } from '../web.ts';
import type { Translated } from './translated.ts';

export const WEB: Translated<keyof typeof WEB_PROBLEMS> = {
  session_missing: { cause: 'Die Anfrage hat keinen Sitzungstoken.', remedy: '' },
  session_ended: {
    cause: 'Die Sitzung ist beendet.',
    remedy: 'Melde dich mit einem neuen OpenID-Token wieder an.',
  },
  identity_elsewhere: {
    cause: ({ serverName }) =>
      `Nur Konten von ${serverName} können das nutzen, und deines liegt auf einem anderen Homeserver.`,
    remedy: ({ serverName }) => `Melde dich in deinem Client mit einem Konto von ${serverName} an.`,
  },
  identity_not_named: {
    cause: ({ serverName }) => `Der Homeserver hat keinen Benutzer von ${serverName} genannt.`,
    remedy: 'Prüfe, ob widget.openid_url in der Konfiguration des Bots zu seinem eigenen Homeserver führt.',
  },
  identity_not_proved: {
    cause:
      'Der Homeserver nimmt deinen Identitätsnachweis nicht an: Er ist abgelaufen oder wurde anderswo benutzt.',
    remedy: 'Versuche es noch einmal: Dein Client fordert dann einen neuen an.',
  },
  identity_untold: {
    cause: ({ openIdUrl, status }) =>
      `Der Homeserver kann unter ${openIdUrl} nicht bestätigen, wer du bist (HTTP ${status}).`,
    remedy: ({ openIdUrl, path }) =>
      `Leite ${openIdUrl}${path} zu einem Listener von Synapse mit der Ressource openid oder federation (widget.openid_url).`,
  },
  sign_in_unreachable: {
    cause: 'Der Homeserver ist nicht erreichbar, deshalb kann der Bot nicht prüfen, wer du bist.',
    remedy: 'Versuche es später noch einmal. Im Protokoll des Bots steht mehr.',
  },
  sign_in_limited: {
    cause: 'Der Homeserver begrenzt, wie oft der Bot prüfen darf, wer jemand ist.',
    remedy: 'Warte ein paar Minuten.',
  },
  sign_in_failed: {
    cause: 'Der Homeserver kann nicht bestätigen, wer du bist.',
    remedy: 'Versuche es später noch einmal. Im Protokoll des Bots steht mehr.',
  },
  too_many_requests: { cause: 'Das waren zu viele Anfragen.', remedy: 'Warte einen Augenblick.' },
  request_too_large: { cause: 'Die Anfrage ist zu groß.', remedy: '' },
  request_unreadable: { cause: 'Die Anfrage ist nicht lesbar.', remedy: '' },
  not_json: {
    cause: 'Der Inhalt muss JSON sein, mit der Kopfzeile Content-Type: application/json.',
    remedy: '',
  },
  nothing_here: { cause: 'Unter dieser Adresse gibt es nichts.', remedy: '' },
  only_metrics_here: {
    cause: 'Unter dieser Adresse gibt es nichts, nur unter /metrics und /health.',
    remedy: '',
  },
  wrong_method: { cause: ({ allowed }) => `Diese Adresse nimmt nur ${allowed} an.`, remedy: '' },
  request_wrong: { cause: 'Die Anfrage fehlt oder ist nicht, was sie sein soll.', remedy: '' },
  field_wrong: { cause: ({ field }) => `${field} fehlt oder ist nicht, was es sein soll.`, remedy: '' },
  fields_unknown: { cause: ({ fields }) => `Unbekannt: ${fields}.`, remedy: '' },
  // Said by the words of each.
  several_problems: { cause: '', remedy: '' },
  cursor_foreign: {
    cause: 'Der Cursor gehört nicht zu dieser Liste.',
    remedy: 'Beginne wieder mit der ersten Seite.',
  },
  fault_of_the_bot: {
    cause: 'Im Bot ist etwas schiefgegangen.',
    remedy: ({ name, id }) =>
      `Sein Protokoll sagt mehr, unter der ${name === 'request ID' ? 'Anfrage-ID' : 'Ereignis-ID'} ${id}.`,
  },
};
