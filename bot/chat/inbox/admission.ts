// What of a room's events is written into the inbox, beyond what bot/chat/inbox/roomEvents.ts tells of each event alone.
import type { AnswerQuota } from '../../access/answerQuota.ts';
import type { Log } from '../../observability/log.ts';
import type { NewInboxItem } from '../../store/inbox.ts';
import type { Store } from '../../store/store.ts';
import { isFirst } from './replays.ts';
import type { ReactionContent } from './roomEvents.ts';

export interface AdmissionOptions {
  readonly store: Pick<Store, 'inbox' | 'confirmations' | 'ciphertexts'>;
  readonly quota: Pick<AnswerQuota, 'admits'>;
  readonly hasAccess: (userId: string) => boolean;
  readonly log: Log;
}

export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Writes an item into the inbox, in the caller's transaction.
   * @returns false: not written. It was received before, replays another one, is no answer to an open question, or comes from somebody
   *   without access who got an answer just now.
   */
  take(item: NewInboxItem): boolean {
    const { store, quota } = this.#options;
    const isWanted = item.kind === 'reaction' ? this.#mayAnswer(item) : quota.admits(item.sender, item.id);
    return isWanted && isFirst(item, this.#options) && store.inbox.add(item);
  }

  /** Whether a reaction is its sender's answer to an open question, or may be: to one that was just asked. */
  #mayAnswer({ roomId, sender, content }: NewInboxItem): boolean {
    const { store, hasAccess } = this.#options;
    const asked = store.confirmations.get((content as ReactionContent).eventId);
    if (asked !== undefined)
      return asked.state === 'open' && asked.roomId === roomId && asked.requester === sender;
    // /sync may bring the reaction before the question's event ID is known: the answer to sending it may be late, or the
    // bot was killed in between.
    return hasAccess(sender) && store.inbox.hasOpenCommand(roomId, sender);
  }
}
