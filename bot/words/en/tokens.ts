import { count } from '../../../common/duration.ts';
import type { TokenState } from '../../../common/token.ts';
import { code, command, type Inline, say } from '../inline.ts';

const STATES: Record<TokenState, string> = {
  active: 'valid',
  pending: 'in use',
  used: 'used up',
  expired: 'expired',
  revoked: 'revoked',
};

export const TOKENS = {
  states: STATES,
  /** `1 token`, `2 tokens` */
  tokens: (n: number) => count(n, 'token'),
  /** @param limit null: none */
  used: (completed: number, limit: number | null) =>
    limit === null ? `${completed} used, no limit` : `${completed} of ${limit} used`,
  registering: (people: number) => `${people} registering`,
  uses: (limit: number | null) => (limit === null ? 'any number of uses' : count(limit, 'use')),
  expires: (when: string) => `expires ${when}`,
  expired: (when: string) => `expired ${when}`,
  neverExpires: 'never expires',

  noTokens: say`There are no registration tokens. ${command('create')} makes one.`,
  noneOf: {
    valid: 'None of them is valid.',
    expired: 'None of them is expired.',
    used: 'None of them is used up.',
  },
  fewerPages: (pages: number) => `There ${pages === 1 ? 'is only 1 page' : `are only ${pages} pages`}.`,
  page: (page: number, pages: number) => `Page ${page} of ${pages}.`,
  nextPage: (line: string) => say` Next: ${command(line)}`,

  unknown: (token: string) => say`There is no token ${code(token)}.`,
  /** The lines of `show`. */
  details: {
    state: 'State: ',
    usesLeft: 'Uses left: ',
    left: (left: number | null, limit: number | null) => (left === null ? 'no limit' : `${left} of ${limit}`),
    completed: 'Completed: ',
    registrations: (n: number) => count(n, 'registration'),
    pending: 'Pending: ',
    people: (n: number) =>
      n === 0
        ? 'nobody is registering right now'
        : `${count(n, 'person', 'people')} in the middle of registering`,
    expires: 'Expires: ',
    never: 'never',
  },
  pendingState: 'in use; if nobody finishes, it becomes valid again within 48 hours',

  newToken: 'New registration token:',
  newTokens: (n: number, limits: string) => `${n} new registration tokens, each: ${limits}.`,
  handOut: (n: number, server: string) =>
    say`Hand ${n === 1 ? 'it' : 'one'} to a person who should get an account: they register on ${code(server)} and enter it when asked for a registration token.`,
  restNotCreated: 'The rest could not be created. ',
  /** After a creation that nobody confirmed. */
  maybeCreated: (token: string) => `It may have been created all the same: \`show ${token}\` tells.`,
  changed: (token: string, limits: string, state: string, uses: string): Inline[] =>
    say`Changed ${code(token)}: ${limits}. Now ${state}, ${uses}.`,
};
