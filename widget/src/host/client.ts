// Talks to the Matrix client that embeds the widget, through the widget API.

import type { IWidgetApiRequest } from 'matrix-widget-api/lib/interfaces/IWidgetApiRequest';
import { WidgetApi } from 'matrix-widget-api/lib/WidgetApi';
import { ApiFailure } from '../api/failure.ts';
import type { OpenIdToken } from '../api/session.ts';

export interface Client {
  /** Requests an OpenID token from the client. Throws `ApiFailure` if the user or the client declines. */
  identity(): Promise<OpenIdToken>;
}

export function connectToClient(
  widgetId: string,
  clientOrigin: string,
  onTheme: (name: string) => void,
): Client {
  // The library accepts messages from any origin: this listener, registered first, drops those not from the client.
  window.addEventListener('message', (event) => {
    if (event.source !== window.parent || event.origin !== clientOrigin) event.stopImmediatePropagation();
  });
  const api = new WidgetApi(widgetId, clientOrigin);
  api.on('action:theme_change', (event: CustomEvent<IWidgetApiRequest>) => {
    event.preventDefault();
    const { name } = event.detail.data as { name?: unknown };
    onTheme(typeof name === 'string' ? name : '');
    api.transport.reply(event.detail, {});
  });
  api.start();

  return {
    async identity() {
      try {
        const { access_token, token_type, matrix_server_name, expires_in } =
          await api.requestOpenIDConnectToken();
        return {
          access_token: access_token ?? '',
          token_type: token_type ?? 'Bearer',
          matrix_server_name: matrix_server_name ?? '',
          expires_in: expires_in ?? 0,
        };
      } catch (error) {
        const declined = error instanceof Error && error.message.includes('declined');
        throw new ApiFailure(0, declined ? 'identity_declined' : 'client_silent', String(error));
      }
    },
  };
}
