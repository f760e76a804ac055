import { Problem } from '../../common/problem.ts';
import type { RegistrationToken } from '../../common/token.ts';

export function tokenNotFound(token: string): Problem {
  return new Problem(
    'token_not_found',
    `There is no token ${token}.`,
    'Send `list` to see the tokens there are.',
  );
}

/** Somebody else changed the token since the person who asks for an edit saw it. */
export class EditConflict extends Problem {
  /** null: it is gone. */
  readonly current: RegistrationToken | null;

  constructor(current: RegistrationToken | null) {
    super(
      'refused',
      current === null
        ? 'Somebody else has deleted this token meanwhile.'
        : 'Somebody else has changed this token meanwhile.',
      'Look at how it stands now, then decide again.',
    );
    this.current = current;
  }
}
