// The checks behind `status` in the chat and `--check` on the command line.
import { Problem, problem } from '../../common/problems/problem.ts';
import type { AccessPolicy } from '../access/policy.ts';
import { accessSummary } from '../access/summary.ts';
import type { Config } from '../config/config.ts';
import { widgetPlace } from '../config/widgetPlace.ts';
import type { EncryptionStatus } from '../crypto/encryption.ts';
import { HomeserverClient } from '../matrix/client.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { openIdUser } from '../matrix/openId.ts';
import type { RegistrationBackend } from '../tokens/backends/backend.ts';
import type { AdminApi } from '../tokens/backends/synapse/adminApi.ts';
import type { Words } from '../words/words.ts';
import { encryptionFindings, trustFinding } from './encryptionFindings.ts';
import { type Finding, problemFinding, type StatusReport } from './finding.ts';
import { proxyFindings } from './proxyFindings.ts';
import { rateLimitFindings } from './rateLimitFindings.ts';

export interface StatusSources {
  /** Address of the homeserver's client API. */
  readonly server: string;
  readonly backend: RegistrationBackend;
  readonly adminApi: AdminApi;
  /** Of the bot's account. */
  readonly userId: string;
  readonly policy: AccessPolicy;
  /** undefined: encryption is off. */
  readonly encryption: EncryptionStatus | undefined;
  readonly widget: Config['widget'];
  readonly trust: Config['bot']['trust'];
  /** A proxy that is not in `web.trusted_proxies`, and sends `X-Forwarded-For`; undefined: none was noticed. */
  readonly untrustedProxy: string | undefined;
  readonly signal: AbortSignal;
}

/** Never throws: failures become findings. */
export async function statusReport(sources: StatusSources): Promise<StatusReport> {
  const [homeserver, registration, tokens, rateLimit, widget] = await Promise.all([
    homeserverFinding(sources),
    registrationFinding(sources),
    tokenApiFinding(sources.backend),
    rateLimitFindings(sources.adminApi, sources.userId),
    widgetFinding(sources),
  ]);
  return [
    homeserver,
    tokens,
    ...rateLimit,
    registration,
    accessFinding(sources.policy),
    ...encryptionFindings(sources.encryption),
    trustFinding(sources.trust),
    widget,
    ...proxyFindings(sources.untrustedProxy),
  ];
}

export async function homeserverFinding({
  server,
  signal,
}: Pick<StatusSources, 'server' | 'signal'>): Promise<Finding> {
  const about = 'Homeserver';
  const client = new HomeserverClient(server, '', signal);
  const started = performance.now();
  try {
    const limits = { timeoutMs: 15_000, patienceMs: 0 };
    const answer = await client.request('GET', '/_matrix/client/versions', undefined, limits);
    const ms = Math.round(performance.now() - started);
    const isMatrix = Array.isArray((answer as { versions?: unknown }).versions);
    return isMatrix
      ? { state: 'ok', code: 'homeserver_ok', about, text: ({ status }) => status.answers(server, ms) }
      : problemFinding(about, problem('no_homeserver_there', { server }));
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    const text = ({ general, status }: Words) => [`${general.cause(error)} ${status.checkServer}`];
    return { ...problemFinding(about, error), text };
  }
}

export async function tokenApiFinding(backend: RegistrationBackend): Promise<Finding> {
  const about = 'Token API';
  try {
    await backend.check();
    return {
      state: 'ok',
      code: 'token_api_ok',
      about,
      text: ({ status }) => [status.tokenApiWorks(backend.name)],
    };
  } catch (error) {
    if (error instanceof Problem) return problemFinding(about, error);
    return { state: 'problem', code: 'internal', about, text: () => [String(error)] };
  }
}

type RegistrationMode = 'token' | 'open' | 'closed' | 'unknown';

const MODES: Record<RegistrationMode, Pick<Finding, 'state' | 'code'>> = {
  token: { state: 'ok', code: 'registration_token' },
  open: { state: 'problem', code: 'registration_open' },
  closed: { state: 'problem', code: 'registration_closed' },
  unknown: { state: 'note', code: 'registration_unknown' },
};

export async function registrationFinding({
  server,
  signal,
}: Pick<StatusSources, 'server' | 'signal'>): Promise<Finding> {
  const mode = await registrationMode(new HomeserverClient(server, '', signal));
  return { about: 'Registration', ...MODES[mode], text: ({ status }) => [status.registration[mode]] };
}

/**
 * Whether the homeserver lets people register with a token. Needs no access token: the answer to a request without `auth`
 * lists the stages (https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3register).
 * @param connection without an access token
 */
async function registrationMode(connection: HomeserverClient): Promise<RegistrationMode> {
  try {
    await connection.request('POST', '/_matrix/client/v3/register', {}, { timeoutMs: 15_000, patienceMs: 0 });
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

export async function widgetFinding({
  widget,
  trust,
  signal,
}: Pick<StatusSources, 'widget' | 'trust' | 'signal'>): Promise<Finding> {
  const about = 'Widget';
  const place = widgetPlace(widget, trust);
  if ('off' in place)
    return { state: 'note', code: 'widget_off', about, text: ({ status }) => [status.widgetOff[place.off]] };
  const refusal = await identityProblem(widget.openid_url, signal);
  return refusal === undefined
    ? { state: 'ok', code: 'widget_ok', about, text: ({ status }) => status.widgetServed(place.address) }
    : problemFinding(about, refusal, ({ status }) => status.nobodyCanSignIn);
}

/** Why nobody can sign in to the widget; undefined: the homeserver validates OpenID tokens at this address. */
async function identityProblem(openIdUrl: string, signal: AbortSignal): Promise<Problem | undefined> {
  try {
    // An invalid token: the homeserver's refusal shows that the endpoint works.
    await openIdUser('nobody', { openIdUrl, signal });
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function accessFinding(policy: AccessPolicy): Finding {
  const byDefault = policy.accessDefault === 'homeserver' ? 'access_default' : 'access_nobody';
  const code = policy.byDefault ? byDefault : 'access_named';
  return { state: 'note', code, about: 'Access', text: (words) => accessSummary(words, policy) };
}
