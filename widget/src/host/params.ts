// The parameters that the client puts into the widget's URL: in the query, in the fragment (`#/?…`), or in both.

export interface HostParams {
  widgetId: string | null;
  /** Messages are sent to this origin, and accepted only from it. */
  clientOrigin: string | null;
  /** The client's theme name; may be empty. */
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
        // A client leaves variables that it does not support unreplaced.
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
  // Element Desktop has the origin vector://vector.
  return host === '' ? null : `${protocol}//${host}`;
}
