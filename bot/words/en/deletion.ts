import { count } from '../../../common/duration.ts';
import { command, type Inline, say } from '../inline.ts';

type Scope = 'named' | 'all' | 'expired' | 'used';

const SCOPES: Record<Scope, string> = { named: '', all: '', expired: 'expired ', used: 'used up ' };

export const DELETION = {
  noneFound: (tokens: readonly Inline[]) =>
    say`There is no token ${tokens}. ${command('list')} shows those there are.`,
  unknown: (tokens: readonly Inline[]) => say`There is no token ${tokens}.`,
  nothingToDelete: (scope: Scope) => `There are no ${SCOPES[scope]}tokens to delete.`,
  question: (scope: Scope, n: number) =>
    `Delete ${scope === 'all' && n > 1 ? 'ALL ' : ''}${count(n, `${SCOPES[scope]}token`)}?`,
  howToAnswer: (duration: string, byReaction: boolean) =>
    byReaction
      ? say`React with ✅ to delete or ❌ to keep, or write ${command('confirm')} or ${command('cancel')}, within ${duration}.`
      : say`Write ${command('confirm')} to delete or ${command('cancel')} to keep, within ${duration}. Reactions don’t count here.`,
  andMore: (n: number) => `and ${n} more`,

  deleting: (n: number, by: string) => `Deleting ${count(n, 'token')} … (confirmed by ${by})`,
  deleted: (n: number, by: string) => `🗑️ Deleted ${count(n, 'token')}, confirmed by ${by}.`,
  unconfirmed: (by: string) => `Confirmed by ${by}, but the homeserver did not confirm any deletion.`,
  nothingDeleted: (by: string) => `Nothing was deleted. Confirmed by ${by}.`,
  changedSince: 'Changed since you were asked:',
  /** What changed: follows the token. */
  change: {
    used: (times: number) => (times === 1 ? 'was used once since' : `was used ${times} times since`),
    registering: 'somebody is registering with it right now',
    edited: 'was edited since',
  },
  gone: 'Gone already:',
  kept: 'Kept, because changed since you were asked:',
  notAllDeleted: 'Not all could be deleted. ',
  notAllConfirmed: 'Not all deletions were confirmed. ',
  lookAfterwards: say` Then send ${command('list')} to see which tokens are left.`,

  cancelled: (by: string) => `Cancelled by ${by}. Nothing was deleted: `,
  /** “I saw”: what counts is when the bot received the answer, not when it was sent. */
  expired: 'I saw no answer in time. Nothing was deleted: ',
  askAgain: 'Send the command again if you still want it.',
  accessLost: (requester: string) => `${requester} may not manage tokens any more. Nothing was deleted: `,
  more: (n: number) => `${n} more`,
  stay: (n: number): string => (n === 1 ? ' stays.' : ' stay.'),
};
