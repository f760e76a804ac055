// User IDs as the machine takes them.
import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm';

export function isUserId(text: string): boolean {
  try {
    new UserId(text).free();
    return true;
  } catch {
    return false;
  }
}

/** Old rooms have members whose user IDs are none by today's rules: they have no devices either. */
export function toUserIds(userIds: readonly string[]): UserId[] {
  return userIds.flatMap((userId) => {
    try {
      return [new UserId(userId)];
    } catch {
      return [];
    }
  });
}
