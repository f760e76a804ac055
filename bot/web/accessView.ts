import type { Access } from '../../common/apiResponses.ts';
import type { AccessPolicy } from '../access/policy.ts';

/** The access rules as the API returns them. */
export function accessOf(policy: AccessPolicy): Access {
  return {
    server_name: policy.serverName,
    default: policy.accessDefault,
    by_default: policy.byDefault,
    patterns: policy.patterns.map(({ text, source, addedBy, addedAt }) => ({
      pattern: text,
      source,
      ...(addedBy === undefined ? {} : { added_by: addedBy }),
      ...(addedAt === undefined ? {} : { added_at: addedAt }),
    })),
  };
}
