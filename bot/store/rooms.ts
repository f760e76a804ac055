import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface Room {
  readonly roomId: string;
  /** The bot is a member. */
  readonly joined: boolean;
  readonly joinedMembers: number;
  readonly invitedMembers: number;
  /** Once encrypted, always encrypted, whatever the server says later. */
  readonly encrypted: boolean;
  /** A hint was sent for an unknown command, and no command has come since. */
  readonly hinted: boolean;
  /** The other member of a room with two members; undefined: not requested since the membership changed. */
  readonly person: string | undefined;
  /** The layout of the widget that the bot added; undefined: none, or removed since. */
  readonly widget: 'top' | 'right' | 'none' | undefined;
  /** The missing power to add the widget that was last reported to the room. */
  readonly missingPowerReported: string | undefined;
  /** When the bot last reported a message that it can't decrypt, epoch ms. */
  readonly unreadableNoticeAt: number | undefined;
  /** The `code` of `m.room_key.withheld` that this notice was about; undefined: none was known. */
  readonly unreadableNoticeCode: string | undefined;
  /** The bot has said there that a command came in clear, although the room is encrypted. */
  readonly clearReported: boolean;
}

export interface Invite {
  readonly roomId: string;
  /** undefined: unknown. */
  readonly inviter: string | undefined;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** Rooms that the bot has left and still knows: which of them are encrypted, and that it has greeted there. */
const MOST_LEFT = 2_000;

/** Rooms and invites. All rooms are cached in memory, because every event needs its room. */
export class RoomTable {
  readonly #rooms = new Map<string, Room>();
  readonly #save: StatementSync;
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#save = db.prepare(
      `INSERT OR REPLACE INTO rooms
       (room_id, joined, joined_members, invited_members, encrypted, hinted, person, widget, widget_told,
        unreadable_told, unreadable_code, clear_told)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.reload();
  }

  /** Rereads the cache, after a transaction was rolled back. */
  reload(): void {
    this.#rooms.clear();
    for (const row of this.#db.prepare('SELECT * FROM rooms').all()) {
      const roomId = String(row.room_id);
      this.#rooms.set(roomId, {
        roomId,
        joined: row.joined === 1,
        joinedMembers: Number(row.joined_members),
        invitedMembers: Number(row.invited_members),
        encrypted: row.encrypted === 1,
        hinted: row.hinted === 1,
        person: row.person === null ? undefined : String(row.person),
        widget: row.widget === null ? undefined : (row.widget as Room['widget']),
        missingPowerReported: row.widget_told === null ? undefined : String(row.widget_told),
        unreadableNoticeAt: row.unreadable_told === null ? undefined : Number(row.unreadable_told),
        unreadableNoticeCode: row.unreadable_code === null ? undefined : String(row.unreadable_code),
        clearReported: row.clear_told === 1,
      });
    }
  }

  get(roomId: string): Room {
    return (
      this.#rooms.get(roomId) ?? {
        roomId,
        joined: false,
        joinedMembers: 0,
        invitedMembers: 0,
        encrypted: false,
        hinted: false,
        person: undefined,
        widget: undefined,
        missingPowerReported: undefined,
        unreadableNoticeAt: undefined,
        unreadableNoticeCode: undefined,
        clearReported: false,
      }
    );
  }

  joined(): Room[] {
    return [...this.#rooms.values()].filter((room) => room.joined);
  }

  joinedCount(): number {
    return this.joined().length;
  }

  /** IDs of the rooms that the bot is in or invited to. */
  known(): string[] {
    return [...this.joined(), ...this.invites()].map(({ roomId }) => roomId);
  }

  update(roomId: string, change: Partial<Omit<Room, 'roomId'>>): Room {
    const before = this.get(roomId);
    const after: Room = { ...before, ...change, encrypted: before.encrypted || change.encrypted === true };
    this.#save.run(
      roomId,
      Number(after.joined),
      after.joinedMembers,
      after.invitedMembers,
      Number(after.encrypted),
      Number(after.hinted),
      after.person ?? null,
      after.widget ?? null,
      after.missingPowerReported ?? null,
      after.unreadableNoticeAt ?? null,
      after.unreadableNoticeCode ?? null,
      Number(after.clearReported),
    );
    this.#rooms.set(roomId, after);
    return after;
  }

  /**
   * Forgets at most `most` of the rooms that the bot has left, except the last `MOST_LEFT`; returns how many. A forgotten
   * room is a new one at the next invite.
   */
  prune(most: number): number {
    // Each update gives a row a new rowid.
    const forgotten = this.#db
      .prepare(
        `DELETE FROM rooms WHERE joined = 0 AND rowid IN (
           SELECT rowid FROM rooms WHERE joined = 0 ORDER BY rowid DESC LIMIT ? OFFSET ?) RETURNING room_id`,
      )
      .all(most, MOST_LEFT);
    for (const { room_id } of forgotten) this.#rooms.delete(String(room_id));
    return forgotten.length;
  }

  addInvite(invite: Invite): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO invites (room_id, inviter, received_at) VALUES (?, ?, ?)')
      .run(invite.roomId, invite.inviter ?? '', invite.receivedAt);
  }

  removeInvite(roomId: string): void {
    this.#db.prepare('DELETE FROM invites WHERE room_id = ?').run(roomId);
  }

  invites(): Invite[] {
    return this.#db
      .prepare('SELECT room_id, inviter, received_at FROM invites ORDER BY received_at')
      .all()
      .map((row) => ({
        roomId: String(row.room_id),
        inviter: row.inviter === '' ? undefined : String(row.inviter),
        receivedAt: Number(row.received_at),
      }));
  }
}
