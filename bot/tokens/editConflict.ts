import { Problem } from '../../common/problems/problem.ts';
import type { RegistrationToken } from '../../common/token.ts';

/** Somebody else changed the token after the requester last saw it. */
export class EditConflict extends Problem {
  /** null: it was deleted. */
  readonly current: RegistrationToken | null;

  constructor(current: RegistrationToken | null) {
    super(current === null ? 'token_deleted_meanwhile' : 'token_changed_meanwhile', {});
    this.current = current;
  }
}
