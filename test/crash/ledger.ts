// What was asked, what was answered, what the homeserver has and what the bot wrote down, and whether these agree.

import { Store } from '../../bot/store/store.ts';
import { serverNameOf } from '../../common/userId.ts';
import { rawEvents } from '../harness/rawEvents.ts';

/** A `create` command. */
export interface AskedCreation {
  readonly eventId: string;
  readonly command: string;
  /** So many tokens it should make. */
  readonly count: number;
}

interface Answer {
  /** The event replied to. */
  readonly to: string;
  readonly body: string;
  /** What stands in `<code>`, but for the name of the server. */
  readonly tokens: readonly string[];
}

export interface Evidence {
  readonly asked: readonly AskedCreation[];
  readonly answers: readonly Answer[];
  /** All tokens that the homeserver has. */
  readonly onServer: readonly string[];
  /** The tokens in the audit's creations, one for each entry. */
  readonly audited: readonly string[];
}

/** What did not happen exactly once, in words; empty: no fault. */
export function faultsIn({ asked, answers, onServer, audited }: Evidence): string[] {
  const faults: string[] = [];
  for (const { eventId, command, count } of asked) {
    const own = answers.filter(({ to }) => to === eventId);
    if (own.length !== 1) faults.push(`“${command}” (${eventId}) has ${own.length} answers.`);
    for (const { tokens, body } of own) {
      if (tokens.length !== count)
        faults.push(`The answer to “${command}” names ${tokens.length} tokens: ${body}`);
    }
  }
  const known = new Set(asked.map(({ eventId }) => eventId));
  for (const { to, body } of answers)
    if (!known.has(to)) faults.push(`An answer to what nobody asked (${to}): ${body}`);
  const named = answers.flatMap(({ tokens }) => tokens);
  for (const token of repeated(named)) faults.push(`The token ${token} is named twice.`);
  for (const token of without(onServer, named))
    faults.push(`The token ${token} exists, but no answer names it.`);
  for (const token of without(named, onServer))
    faults.push(`The token ${token} was named, but does not exist.`);
  for (const token of repeated(audited)) faults.push(`The creation of ${token} was recorded twice.`);
  for (const token of without(named, audited)) faults.push(`The creation of ${token} was not recorded.`);
  for (const token of without(audited, named))
    faults.push(`The creation of ${token} was recorded, but not told.`);
  return faults;
}

/** A `delete` command that was confirmed. */
export interface AskedDeletion {
  readonly eventId: string;
  readonly tokens: readonly string[];
  /** The event of a typed `confirm`; undefined: confirmed by reaction. */
  readonly confirmId: string | undefined;
}

export interface DeletionEvidence {
  readonly asked: readonly AskedDeletion[];
  readonly answers: readonly Answer[];
  /** New texts of the bot's messages. */
  readonly edits: readonly { readonly of: string; readonly body: string }[];
  /** Event IDs of the answers, in their order. */
  readonly answerIds: readonly string[];
  /** Event IDs of the reactions. */
  readonly reactions: readonly string[];
  /** What was redacted, one event ID for each redaction. */
  readonly redactions: readonly string[];
  readonly onServer: readonly string[];
  readonly audited: readonly string[];
}

/** Like `faultsIn`, for deletions. */
export function deletionFaultsIn(evidence: DeletionEvidence): string[] {
  const { asked, answers, answerIds, edits, reactions, redactions, onServer, audited } = evidence;
  const faults: string[] = [];
  for (const { eventId, tokens, confirmId } of asked) {
    const prompts = answerIds.filter((_, index) => answers[index]?.to === eventId);
    if (prompts.length !== 1) faults.push(`The deletion ${eventId} has ${prompts.length} prompts.`);
    const outcomes = edits.filter(({ of }) => prompts.includes(of)).map(({ body }) => body);
    if (outcomes.length !== 1) faults.push(`The deletion ${eventId} has ${outcomes.length} outcomes.`);
    for (const body of outcomes) faults.push(...faultsOfOutcome(body, tokens));
    if (confirmId !== undefined) {
      const replies = answers.filter(({ to }) => to === confirmId);
      if (replies.length !== 1) faults.push(`“confirm” (${confirmId}) has ${replies.length} answers.`);
      for (const { body } of replies) faults.push(...faultsOfOutcome(body, tokens));
    }
    for (const token of tokens) if (onServer.includes(token)) faults.push(`The token ${token} still exists.`);
  }
  const all = asked.flatMap(({ tokens }) => tokens);
  if (reactions.length !== 2 * asked.length)
    faults.push(`${asked.length} deletions have ${reactions.length} reactions.`);
  for (const reaction of without(reactions, redactions)) faults.push(`The reaction ${reaction} is left.`);
  for (const eventId of repeated(redactions)) faults.push(`The event ${eventId} was redacted twice.`);
  for (const eventId of without(redactions, reactions))
    faults.push(`The event ${eventId} was redacted, and is no reaction.`);
  for (const token of repeated(audited)) faults.push(`The deletion of ${token} was recorded twice.`);
  for (const token of without(all, audited)) faults.push(`The deletion of ${token} was not recorded.`);
  return faults;
}

function faultsOfOutcome(body: string, tokens: readonly string[]): string[] {
  const isReported = body.includes('Deleted') && tokens.every((token) => body.includes(token));
  return isReported && !body.includes('Gone already')
    ? []
    : [`The outcome is not that ${tokens} were deleted: ${body}`];
}

function repeated(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

function without(values: readonly string[], others: readonly string[]): string[] {
  const excluded = new Set(others);
  return values.filter((value) => !excluded.has(value));
}

export interface SentEvents {
  readonly answers: Answer[];
  readonly answerIds: string[];
  readonly edits: { of: string; body: string }[];
  /** Event IDs of the reactions. */
  readonly reactions: string[];
  /** What was redacted, one event ID for each redaction. */
  readonly redactions: string[];
}

/** All messages, reactions and redactions of a user in a room, as the homeserver has them. */
export async function eventsSentBy(
  sender: string,
  server: { baseUrl: string; accessToken: string },
  roomId: string,
): Promise<SentEvents> {
  const sent: SentEvents = { answers: [], answerIds: [], edits: [], reactions: [], redactions: [] };
  for (const event of await rawEvents(server.baseUrl, server, roomId)) {
    if (event.sender !== sender) continue;
    const relation = (event.content['m.relates_to'] ?? {}) as Record<string, unknown>;
    if (event.type === 'm.reaction') sent.reactions.push(event.event_id);
    if (event.type === 'm.room.redaction')
      sent.redactions.push(String(event.content.redacts ?? event.redacts));
    if (event.type !== 'm.room.message') continue;
    const body = String(event.content.body);
    const to = (relation['m.in_reply_to'] as { event_id?: string } | undefined)?.event_id;
    if (relation.rel_type === 'm.replace') sent.edits.push({ of: String(relation.event_id), body });
    else if (to !== undefined) {
      const html = String(event.content.formatted_body);
      const marked = [...html.matchAll(/<code>(.*?)<\/code>/g)].map(([, text]) => String(text));
      const tokens = marked.filter((text) => text !== serverNameOf(sender));
      sent.answers.push({ to, body, tokens });
      sent.answerIds.push(event.event_id);
    }
  }
  return sent;
}

/** The tokens in the audit of a bot that has ended, one for each entry. */
export function auditedTokens(dataDir: string, action: 'create' | 'edit' | 'delete'): string[] {
  const store = new Store(dataDir);
  try {
    const entries = store.audit.latest(100_000);
    return entries.filter((entry) => entry.action === action).map(({ subject }) => subject);
  } finally {
    store.close();
  }
}
