// `check`: verifies the configuration against the servers, with a login of its own that is ended again.
import { Problem } from '../../common/problems/problem.ts';
import type { Config } from '../config/config.ts';
import { HomeserverClient } from '../matrix/client.ts';
import { type Account, type Session, type SessionStore, signIn } from '../matrix/signIn.ts';
import type { Log } from '../observability/log.ts';
import { trustFinding } from '../status/encryptionFindings.ts';
import {
  FINDING_MARKS,
  type Finding,
  findingText,
  problemFinding,
  type StatusReport,
} from '../status/finding.ts';
import { publicProxyFindings } from '../status/proxyFindings.ts';
import { rateLimitFindings } from '../status/rateLimitFindings.ts';
import { homeserverFinding, registrationFinding, tokenApiFinding, widgetFinding } from '../status/report.ts';
import { apiAccount, backendFor, botAccount } from '../tokens/backends/accounts.ts';
import { AdminApi } from '../tokens/backends/synapse/adminApi.ts';
import { tokenCredential } from '../tokens/backends/synapse/credentials.ts';
import { EXIT } from './exit.ts';

/** Sessions to use and to keep, passed by a caller that ends them itself. */
export type Sessions = Readonly<Record<Account['section'], SessionStore>>;

/** Prints what it finds, and returns the exit status. */
export async function check(config: Config, log: Log): Promise<number> {
  const findings = await checkServers(config, log);
  for (const finding of findings) {
    process.stdout.write(`${FINDING_MARKS[finding.state]} ${finding.about}: ${findingText(finding)}\n`);
  }
  return findings.some(({ state }) => state === 'problem') ? EXIT.failed : EXIT.ok;
}

/**
 * Never throws: what fails is a finding.
 * @param sessions undefined: logins are made for the check, and ended
 */
export async function checkServers(config: Config, log: Log, sessions?: Sessions): Promise<StatusReport> {
  const { signal } = new AbortController();
  const homeserver = await homeserverFinding({ server: config.bot.server, signal });
  if (homeserver.state === 'problem') return [homeserver];
  const findings = [homeserver, await registrationFinding({ server: config.bot.server, signal })];
  await withLogin(botAccount(config), 'Login', { log, sessions, findings }, async (session) => {
    const account = apiAccount(config);
    const checkApi = (admin: Session) => checkAdminApi(config, log, { admin, bot: session.userId }, findings);
    if (account === undefined) return await checkApi(session);
    await withLogin(account, 'Admin login', { log, sessions, findings }, checkApi);
  });
  const { bot, widget } = config;
  return [
    ...findings,
    trustFinding(bot.trust),
    await widgetFinding({ widget, trust: bot.trust, signal }),
    ...(await publicProxyFindings(config)),
  ];
}

async function checkAdminApi(
  config: Config,
  log: Log,
  { admin, bot }: { readonly admin: Session; readonly bot: string },
  findings: Finding[],
): Promise<void> {
  const { signal } = new AbortController();
  const credential = tokenCredential(admin.accessToken);
  const api = new AdminApi({ baseUrl: config.api.base_url, credential, signal });
  const tokenApi = await tokenApiFinding(backendFor(config.api.backend, api, log));
  findings.push(tokenApi, ...(await rateLimitFindings(api, bot)));
}

async function withLogin(
  account: Account,
  about: string,
  { log, sessions, findings }: { log: Log; sessions: Sessions | undefined; findings: Finding[] },
  use: (session: Session) => Promise<void>,
): Promise<void> {
  let session: Session;
  try {
    session = await signIn(account, sessions?.[account.section] ?? NOT_KEPT, log);
    findings.push({ state: 'ok', code: 'login_ok', about, text: () => [`works as ${session.userId}.`] });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    findings.push(problemFinding(about, error));
    return;
  }
  try {
    await use(session);
  } finally {
    // A login with the password made a device of its own: it is not left behind.
    if (account.accessToken === undefined && sessions === undefined)
      findings.push(...(await logOut(account, session)));
  }
}

const NOT_KEPT: SessionStore = { load: () => undefined, save: () => undefined, forget: () => undefined };

/** Says so if the login could not be ended. */
async function logOut({ server }: Account, { accessToken, deviceId }: Session): Promise<Finding[]> {
  try {
    await new HomeserverClient(server, accessToken).request('POST', '/_matrix/client/v3/logout');
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const text = `the login made for this check could not be ended; remove the device ${deviceId} yourself.`;
    return [{ state: 'note', code: 'logout_failed', about: 'Logout', text: () => [text] }];
  }
}
