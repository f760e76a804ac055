// The homeserver's token API.
import type { Entry } from './entry.ts';
import type { Answer } from './homeserver.ts';

interface Address {
  baseUrl: string;
}

export const TOKEN_API_PROBLEMS = {
  token_api_missing: {
    kind: 'token_api_missing',
    cause: ({ baseUrl }: Address) => `There is no registration token API at ${baseUrl}/_synapse/admin.`,
    remedy:
      'Let the bot reach Synapse’s admin API: set api.base_url to Synapse’s own address, or forward /_synapse/admin in the reverse proxy.',
  },
  token_api_refused_input: {
    kind: 'invalid_input',
    cause: ({ server, status, words }: Answer) =>
      `The homeserver at ${server} refused: ${words} (HTTP ${status}).`,
    remedy: '',
  },
  token_api_odd_answer: {
    kind: 'homeserver_error',
    cause: ({ baseUrl }: Address) =>
      `The token API at ${baseUrl} answered with something that is not a registration token.`,
    remedy: 'Check that api.base_url leads to Synapse itself.',
  },
  token_unnameable: {
    kind: 'refused',
    cause: ({ token }: { token: string }) => `Synapse’s API can’t address the token “${token}”.`,
    remedy: 'It can be removed only in Synapse’s database, table registration_tokens.',
  },
  admin_rights_missing: {
    kind: 'admin_rights_missing',
    cause: ({ baseUrl }: Address) =>
      `The account that the bot uses for the admin API at ${baseUrl} is not a server admin.`,
    remedy: 'Make it one, or put the access token of a server admin under api.token in the configuration.',
  },
  admin_token_ended: {
    kind: 'admin_credential_refused',
    cause: ({ baseUrl }: Address) =>
      `The homeserver at ${baseUrl} does not accept the access token for its admin API any more (expired or revoked).`,
    remedy:
      'Put the access token of a server admin, or a user name and password, under api in the configuration and restart the bot.',
  },
  mas_in_charge: {
    kind: 'mas_in_charge',
    cause: ({ issuer }: { issuer: string }) =>
      `The Matrix Authentication Service at ${issuer} is in charge of registration here, so Synapse’s token API is switched off.`,
    remedy:
      'Manage registration tokens with mas-cli or its admin API: this version of the bot can’t do that yet.',
  },
  restore_unsupported: {
    kind: 'refused',
    cause: 'This homeserver deletes tokens for good, so none can be restored.',
    remedy: 'Create a new token.',
  },
  backend_unsupported: {
    kind: 'backend_unsupported',
    cause: ({ backend }: { backend: string }) =>
      `api.backend is ${backend}, which this version of the bot does not support yet.`,
    remedy: 'Set it to auto, or manage the tokens with mas-cli.',
  },
} as const satisfies Record<string, Entry>;
