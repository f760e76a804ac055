import { Problem } from '../../common/problems/problem.ts';
import type { AdminApi } from '../tokens/backends/synapse/adminApi.ts';
import { isRateLimited, liftingCommand } from '../tokens/backends/synapse/rateLimits.ts';
import type { Finding } from './finding.ts';

/**
 * Whether the homeserver limits how fast the bot may answer; nothing if it does not say: what is wrong with the admin API
 * is told by the finding about the token API.
 * @param userId of the bot's account
 */
export async function rateLimitFindings(
  api: Pick<AdminApi, 'request' | 'baseUrl'>,
  userId: string,
): Promise<Finding[]> {
  const about = 'Rate limit';
  try {
    if (!(await isRateLimited(api, userId)))
      return [{ state: 'ok', code: 'rate_limit_off', about, text: ({ status }) => [status.rateLimitOff] }];
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
  const text: Finding['text'] = ({ status }) => [status.rateLimitOn];
  return [{ state: 'note', code: 'rate_limit_on', about, text, detail: liftingCommand(api, userId) }];
}
