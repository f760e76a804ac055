// Why a sender's client withheld a room key (https://spec.matrix.org/v1.16/client-server-api/#reporting-that-decryption-keys-are-withheld).
import type { Clock } from '../lib/clock.ts';
import { asObject } from '../matrix/json.ts';

/** `code` of `m.room_key.withheld`. */
const WITHHELD_CODES = [
  'm.unverified',
  'm.blacklisted',
  'm.unauthorised',
  'm.unavailable',
  'm.no_olm',
] as const;
export type WithheldCode = (typeof WITHHELD_CODES)[number];

export function asWithheldCode(code: unknown): WithheldCode | undefined {
  return WITHHELD_CODES.find((known) => known === code);
}

const REMEMBERED_MS = 3_600_000;
/** Anybody on any homeserver can send `m.no_olm`. */
const MOST_REMEMBERED = 200;

/**
 * Users whose client reported that it has no Olm session with the bot's device (`m.no_olm`). The report names no room
 * key, so the machine, which stores the other codes with the key, ignores it.
 */
export class NoOlmReports {
  readonly #clock: Clock;
  /** Epoch ms by user ID, oldest first. */
  readonly #reportedAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param toDevice to-device messages, as received */
  receive(toDevice: readonly unknown[]): void {
    for (const message of toDevice) {
      const { type, sender, content } = asObject(message);
      if (type !== 'm.room_key.withheld' || typeof sender !== 'string') continue;
      if (asObject(content).code !== 'm.no_olm') continue;
      this.#reportedAt.delete(sender);
      this.#reportedAt.set(sender, this.#clock());
      const [oldest] = this.#reportedAt.keys();
      if (oldest !== undefined && this.#reportedAt.size > MOST_REMEMBERED) this.#reportedAt.delete(oldest);
    }
  }

  /** Whether a client of the user reported it in the last hour. */
  has(userId: string): boolean {
    return (this.#reportedAt.get(userId) ?? 0) > this.#clock() - REMEMBERED_MS;
  }
}
