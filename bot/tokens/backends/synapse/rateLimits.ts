// The rate limit that Synapse puts on one account: all that it sends shares it
// (https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#override-ratelimiting-for-users).
import { asObject } from '../../../matrix/json.ts';
import type { AdminApi } from './adminApi.ts';

type Requests = Pick<AdminApi, 'request'>;

const UNLIMITED = { messages_per_second: 0, burst_count: 0 };

/** Whether the account is limited like any other, or in a way of its own. @throws Problem */
export async function isRateLimited(api: Requests, userId: string): Promise<boolean> {
  const { messages_per_second } = asObject(await api.request('GET', pathOf(userId)));
  // Absent without an override.
  return messages_per_second !== UNLIMITED.messages_per_second;
}

/** @throws Problem */
export async function liftRateLimits(api: Requests, userId: string): Promise<void> {
  await api.request('POST', pathOf(userId), UNLIMITED);
}

/** What an admin types to do the same. */
export function liftingCommand({ baseUrl }: Pick<AdminApi, 'baseUrl'>, userId: string): string {
  const header = `--header 'Authorization: Bearer ADMIN_ACCESS_TOKEN'`;
  return `curl --request POST ${header} --data '${JSON.stringify(UNLIMITED)}' '${baseUrl}${pathOf(userId)}'`;
}

function pathOf(userId: string): string {
  return `/_synapse/admin/v1/users/${encodeURIComponent(userId)}/override_ratelimit`;
}
