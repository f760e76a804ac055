// Conversion of user IDs for the OlmMachine.
import { UserId } from '@matrix-org/matrix-sdk-crypto-wasm';

export function isUserId(text: string): boolean {
  try {
    new UserId(text).free();
    return true;
  } catch {
    return false;
  }
}

/** Skips invalid user IDs: old rooms have members with historical IDs, which have no devices. */
export function toUserIds(userIds: readonly string[]): UserId[] {
  return userIds.flatMap((userId) => {
    try {
      return [new UserId(userId)];
    } catch {
      return [];
    }
  });
}
