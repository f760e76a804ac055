// The events of a room as the homeserver stores them, not decrypted.
import { requestJson } from './matrixHttp.ts';

/** An event as the homeserver has it. */
export interface RawEvent {
  readonly event_id: string;
  readonly room_id: string;
  readonly sender: string;
  readonly type: string;
  readonly state_key?: string;
  readonly content: Record<string, unknown>;
  /** Of redactions, in rooms before version 11. */
  readonly redacts?: string;
}

/** Everything that was sent to a room, oldest first, read over HTTP. */
export async function rawEvents(
  baseUrl: string,
  { accessToken }: { readonly accessToken: string },
  roomId: string,
): Promise<RawEvent[]> {
  const events: RawEvent[] = [];
  let from: string | undefined;
  do {
    const query = `dir=f&limit=500${from === undefined ? '' : `&from=${encodeURIComponent(from)}`}`;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`;
    const page = await requestJson<{ chunk: RawEvent[]; end?: string }>(baseUrl, 'GET', path, {
      accessToken,
    });
    events.push(...page.chunk);
    from = page.end;
  } while (from !== undefined);
  return events;
}
