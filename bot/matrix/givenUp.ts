import { Problem } from '../../common/problems/problem.ts';

/** Retries ended: the request kept failing while others succeeded, and would block everything queued after it. */
export class GivenUp extends Problem {
  constructor(cause: Problem) {
    super('given_up', { why: cause.message, remedy: cause.remedy }, { cause });
  }
}
