// The client-server API as plain requests.

export interface MatrixErrorBody {
  errcode?: string;
  error?: string;
  [key: string]: unknown;
}

/** Any answer that is not 2xx. */
export class MatrixHttpError extends Error {
  readonly status: number;
  readonly errcode: string | undefined;
  readonly body: MatrixErrorBody;

  constructor(request: string, status: number, body: MatrixErrorBody) {
    super(`${request}: ${status} ${body.errcode ?? ''} ${body.error ?? ''}`.trimEnd());
    this.name = 'MatrixHttpError';
    this.status = status;
    this.errcode = body.errcode;
    this.body = body;
  }
}

export interface RequestOptions {
  accessToken?: string;
  body?: unknown;
}

/** The parsed JSON of a 2xx answer. Throws `MatrixHttpError` on any other, and what `fetch` throws. */
export async function requestJson<T = Record<string, unknown>>(
  baseUrl: string,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<T> {
  const headers: Record<string, string> = {};
  if (options.accessToken !== undefined) headers.authorization = `Bearer ${options.accessToken}`;
  const init: RequestInit = { method, headers };
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(options.body);
  }
  const response = await fetch(baseUrl + path, init);
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  throw new MatrixHttpError(`${method} ${path}`, response.status, errorBody(text));
}

function errorBody(text: string): MatrixErrorBody {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as MatrixErrorBody;
  } catch {
    // HTML, most likely of a proxy.
  }
  return { error: text.slice(0, 200) };
}
