import { Problem } from '../../common/problem.ts';

/** It failed for too long while the homeserver answered otherwise: waiting would only hold up what comes after it. */
export class GivenUp extends Problem {
  constructor(cause: Problem) {
    super(
      'homeserver_error',
      `The homeserver fails at this alone, so that it is given up: ${cause.message}`,
      cause.remedy,
      { cause },
    );
  }

  override get transient(): boolean {
    return false;
  }
}
