import { Problem } from '../../common/problems/problem.ts';

/** It failed for too long while the homeserver answered otherwise: waiting would only hold up what comes after it. */
export class GivenUp extends Problem {
  constructor(cause: Problem) {
    super('given_up', { why: cause.message, remedy: cause.remedy }, { cause });
  }
}
