// What the client tells the widget in its address: in the query, in the fragment (`#/?…`), or in both.

export interface HostParams {
  widgetId: string | null;
  /** Where messages to the client go, and the only place they are taken from. */
  clientOrigin: string | null;
  /** The client's name for its theme; may be empty. */
  theme: string;
  /** A BCP 47 language tag, or empty. */
  language: string;
}

const NAMES = {
  widgetId: ['widgetId', 'matrix_widget_id'],
  parentUrl: ['parentUrl'],
  theme: ['theme', 'org.matrix.msc2873.client_theme'],
  language: ['lang', 'language', 'org.matrix.msc2873.client_language'],
} as const;

/** @param embedder origin of the embedding page as the browser knows it, for clients that don't send `parentUrl`. */
export function readHostParams(href: string, embedder?: string): HostParams {
  const url = new URL(href);
  const fragment = url.hash.indexOf('?');
  const sources = [url.searchParams, new URLSearchParams(fragment < 0 ? '' : url.hash.slice(fragment))];
  const read = (names: readonly string[]): string => {
    for (const source of sources) {
      for (const name of names) {
        const value = source.get(name);
        // A client that doesn't know a variable leaves it as it is.
        if (value !== null && value !== '' && !value.startsWith('$')) return value;
      }
    }
    return '';
  };
  return {
    widgetId: read(NAMES.widgetId) || null,
    clientOrigin: originOf(read(NAMES.parentUrl)) ?? originOf(embedder ?? ''),
    theme: read(NAMES.theme),
    language: read(NAMES.language).replaceAll('_', '-'),
  };
}

function originOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { origin, protocol, host } = new URL(address);
  if (origin !== 'null') return origin;
  // Element Desktop lives at vector://vector.
  return host === '' ? null : `${protocol}//${host}`;
}
