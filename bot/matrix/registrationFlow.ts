// Whether the homeserver lets people register with a token at all. Anybody may ask it: the answer without `auth` names
// the stages (https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register).
import type { HomeserverClient } from './client.ts';
import { RequestFailed } from './errors.ts';

export type RegistrationMode = 'token' | 'open' | 'closed' | 'unknown';

/** @param client without an access token */
export async function registrationMode(client: HomeserverClient): Promise<RegistrationMode> {
  try {
    await client.request('POST', '/_matrix/client/v3/register', {}, { timeoutMs: 15_000, patienceMs: 0 });
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    if (error.status === 403) return 'closed';
    if (error.status === 401) return modeOf(error.answer);
  }
  return 'unknown';
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
