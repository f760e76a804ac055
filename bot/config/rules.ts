// Rules between several keys.

import { isLocalhostUrl, looksPrivate } from './addresses.ts';
import type { Path, ValueAt } from './config.ts';
import type { ConfigProblem, ConfigWarning, Origin } from './findings.ts';
import { FOUND, HINTS, WARNINGS } from './messages.ts';
import { PATHS, settingOf } from './schema.ts';

/** A configuration of which each key was read by itself. */
export interface Draft {
  /** Whether the key was written anywhere, and could be read. */
  state(path: Path): 'given' | 'wrong' | 'absent';
  /** What was given, or the key's own default; undefined if there is neither, or if it was wrong. */
  value<P extends Path>(path: P): ValueAt<P> | undefined;
  /** Where it was read from, or would have been. */
  where(path: Path): Origin;
}

export interface Findings {
  readonly problems: ConfigProblem[];
  readonly warnings: ConfigWarning[];
}

export function checkTogether(draft: Draft): Findings {
  const findings: Findings = { problems: [], warnings: [] };
  required(draft, findings);
  credentials('bot', draft, findings);
  credentials('api', draft, findings);
  resetIdentity(draft, findings);
  trust(draft, findings);
  plainHttp(draft, findings);
  access(draft, findings);
  widget(draft, findings);
  listeners(draft, findings);
  return findings;
}

function required(draft: Draft, { problems }: Findings): void {
  for (const path of PATHS) {
    const { required, kind } = settingOf(path);
    if (required && draft.state(path) === 'absent') problems.push(missing(draft, path, kind.wanted));
  }
}

function credentials(section: 'bot' | 'api', draft: Draft, { problems, warnings }: Findings): void {
  const token = section === 'bot' ? 'bot.access_token' : 'api.token';
  const [username, password] = [`${section}.username`, `${section}.password`] as const;
  // A wrong value has its own problem; it is not missing as well.
  const has = (path: Path) => draft.state(path) !== 'absent';

  if (has(token)) {
    if (has(password)) {
      const message = WARNINGS.both_credentials({ token, password });
      warnings.push({ key: token, message, where: draft.where(token) });
    }
  } else if (has(username) && !has(password)) {
    problems.push(missing(draft, password, `the password that belongs to ${username}, or ${token} instead`));
  } else if (has(password) && !has(username)) {
    problems.push(missing(draft, username, `the account that ${password} belongs to, or ${token} instead`));
  } else if (section === 'bot' && !has(username)) {
    problems.push(missing(draft, token, `either ${token}, or ${username} and ${password}`));
  }
}

function resetIdentity(draft: Draft, { problems }: Findings): void {
  if (draft.value('bot.reset_identity') !== true || draft.state('bot.password') !== 'absent') return;
  const wanted = 'the password of the bot’s account, because bot.reset_identity is true';
  problems.push(missing(draft, 'bot.password', wanted));
}

function trust(draft: Draft, { problems, warnings }: Findings): void {
  if (draft.value('bot.trust') !== 'signed') return;
  const where = draft.where('bot.trust');
  if (draft.value('bot.encryption') === false) {
    const wanted = 'any, as long as bot.encryption is false';
    problems.push({ key: 'bot.trust', found: '"signed"', wanted, hint: HINTS.trust_needs_encryption, where });
  }
  if (draft.value('widget.enabled') === true && draft.value('widget.public_url') !== undefined)
    warnings.push({ key: 'bot.trust', message: WARNINGS.trust_without_widget, where });
}

function plainHttp(draft: Draft, { warnings }: Findings): void {
  for (const path of ['bot.server', 'api.base_url', 'widget.openid_url'] as const) {
    const url = draft.value(path);
    if (url === undefined || !url.startsWith('http:') || looksPrivate(url)) continue;
    warnings.push({
      key: path,
      message: WARNINGS.plain_http({ key: path }),
      where: draft.where(path),
    });
  }
}

function access(draft: Draft, { warnings }: Findings): void {
  if (draft.value('access.default') !== 'nobody' || draft.value('access.allow')?.length !== 0) return;
  warnings.push({
    key: 'access.allow',
    message: WARNINGS.nobody_allowed,
    where: draft.where('access.default'),
  });
}

function widget(draft: Draft, { problems, warnings }: Findings): void {
  if (draft.value('widget.enabled') !== true) return;
  const path = 'widget.public_url';
  const url = draft.value(path);
  if (url !== undefined) {
    if (url.startsWith('https:') || isLocalhostUrl(url)) return;
    problems.push({
      key: path,
      found: JSON.stringify(url),
      wanted: settingOf(path).kind.wanted,
      hint: HINTS.widget_https,
      where: draft.where(path),
    });
  } else if (draft.state(path) === 'absent') {
    const other = PATHS.find((key) => key.startsWith('widget.') && draft.state(key) === 'given');
    if (other === undefined) return;
    warnings.push({
      key: path,
      message: WARNINGS.widget_stays_off({ given: other, wanted: path }),
      where: draft.where(other),
    });
  }
}

/** Otherwise the bot would report its own port as taken by another program. */
function listeners(draft: Draft, { problems }: Findings): void {
  const metrics = draft.value('metrics.listen');
  const web = draft.value('widget.listen');
  const isWanted = draft.value('widget.enabled') === true && draft.value('widget.public_url') !== undefined;
  const isServed = isWanted && draft.value('bot.trust') !== 'signed';
  if (metrics === undefined || web === undefined || !isServed) return;
  if (metrics.port === 0 || metrics.port !== web.port || metrics.host !== web.host) return;
  problems.push({
    key: 'metrics.listen',
    found: JSON.stringify(`${metrics.host}:${metrics.port}`),
    wanted: 'another port than that of widget.listen',
    where: draft.where('metrics.listen'),
  });
}

function missing(draft: Draft, path: Path, wanted: string): ConfigProblem {
  return { key: path, found: FOUND.missing, wanted, where: draft.where(path) };
}
