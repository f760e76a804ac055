import type { TOKEN_API_PROBLEMS } from '../tokenApi.ts';
import type { Translated } from './translated.ts';

export const TOKEN_API: Translated<keyof typeof TOKEN_API_PROBLEMS> = {
  token_api_missing: {
    cause: ({ baseUrl }) => `Unter ${baseUrl}/_synapse/admin gibt es keine Token-Schnittstelle.`,
    remedy:
      'Lass den Bot die Admin-API von Synapse erreichen: Setze api.base_url auf die Adresse von Synapse selbst, oder leite /_synapse/admin im Reverse-Proxy weiter.',
  },
  token_api_refused_input: {
    cause: ({ server, status, words }) =>
      `Der Homeserver unter ${server} lehnte ab: ${words} (HTTP ${status}).`,
    remedy: '',
  },
  token_api_odd_answer: {
    cause: ({ baseUrl }) =>
      `Die Token-Schnittstelle unter ${baseUrl} antwortete mit etwas, das kein Registrierungstoken ist.`,
    remedy: 'Prüfe, ob api.base_url zu Synapse selbst führt.',
  },
  token_unnameable: {
    cause: ({ token }) => `Den Token „${token}“ kann die API von Synapse nicht ansprechen.`,
    remedy: 'Er lässt sich nur in der Datenbank von Synapse entfernen, Tabelle registration_tokens.',
  },
  admin_rights_missing: {
    cause: ({ baseUrl }) =>
      `Das Konto, mit dem der Bot die Admin-API unter ${baseUrl} nutzt, ist kein Server-Admin.`,
    remedy:
      'Mache es zum Server-Admin, oder trage in der Konfiguration unter api.token den Zugangstoken eines Server-Admins ein.',
  },
  admin_token_ended: {
    cause: ({ baseUrl }) =>
      `Der Homeserver unter ${baseUrl} nimmt den Zugangstoken für seine Admin-API nicht mehr an (abgelaufen oder widerrufen).`,
    remedy:
      'Trage in der Konfiguration unter api den Zugangstoken eines Server-Admins oder Benutzername und Passwort ein, und starte den Bot neu.',
  },
  mas_in_charge: {
    cause: ({ issuer }) =>
      `Hier ist der Matrix Authentication Service unter ${issuer} für die Registrierung zuständig; Synapses Token-Schnittstelle ist darum abgeschaltet.`,
    remedy:
      'Verwalte Registrierungstoken mit mas-cli oder dessen Admin-API: Diese Version des Bots kann das noch nicht.',
  },
  restore_unsupported: {
    cause: 'Dieser Homeserver löscht Token endgültig, deshalb lässt sich keiner wiederherstellen.',
    remedy: 'Lege einen neuen Token an.',
  },
  backend_unsupported: {
    cause: ({ backend }) => `api.backend ist ${backend}; das unterstützt diese Version des Bots noch nicht.`,
    remedy: 'Setze es auf auto, oder verwalte die Token mit mas-cli.',
  },
};
