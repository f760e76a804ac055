// Whether the homeserver lets people register with a token at all. Anybody may ask it: the answer without `auth` names
// the stages (https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register).

export type RegistrationMode = 'token' | 'open' | 'closed' | 'unknown';

/** @throws what `fetch` throws */
export async function registrationMode(
  baseUrl: string,
  ask: typeof fetch,
  signal: AbortSignal,
): Promise<RegistrationMode> {
  const response = await ask(`${baseUrl}/_matrix/client/v3/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
    signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.status === 403) return 'closed';
  return response.status === 401 ? modeOf(answer) : 'unknown';
}

function modeOf(answer: unknown): RegistrationMode {
  const { flows } = (answer ?? {}) as { flows?: unknown };
  if (!Array.isArray(flows) || flows.length === 0) return 'unknown';
  const needsToken = (flow: unknown) => {
    const { stages } = (flow ?? {}) as { stages?: unknown };
    return Array.isArray(stages) && stages.includes('m.login.registration_token');
  };
  return flows.every(needsToken) ? 'token' : 'open';
}
