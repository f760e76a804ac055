// The schema of the state file, as migration steps. Never change a released step: add another. The crypto store has its
// own steps.

import type { DatabaseSync } from 'node:sqlite';
import { problem } from '../../common/problems/problem.ts';

const STEPS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  -- Rooms the bot is in, as far as /sync told.
  CREATE TABLE rooms (
    room_id TEXT PRIMARY KEY,
    joined INTEGER NOT NULL,
    joined_members INTEGER NOT NULL,
    invited_members INTEGER NOT NULL,
    encrypted INTEGER NOT NULL,
    -- an unknown word was answered with a hint since the last command
    hinted INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE invites (
    room_id TEXT PRIMARY KEY,
    inviter TEXT NOT NULL,
    received_at INTEGER NOT NULL
  ) STRICT;

  -- Everything that wants an answer, written together with the sync position. plan: what carrying it out is about
  -- to do, written before the homeserver is asked, so that a restart does the same thing again and no other.
  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    room_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    content TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    plan TEXT,
    -- what is said to it, written before it is sent
    answer TEXT,
    done INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX inbox_open ON inbox (seq) WHERE done = 0;

  CREATE TABLE allowed (
    pattern TEXT PRIMARY KEY,
    added_by TEXT NOT NULL,
    added_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE confirmations (
    prompt_event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    requester TEXT NOT NULL,
    request TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    answered_by TEXT,
    decision TEXT
  ) STRICT;
  CREATE INDEX confirmations_open ON confirmations (expires_at) WHERE state = 'open';

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    via TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT,
    -- the event or request that asked for it: carried out again after a crash, it is not written down again
    ref TEXT NOT NULL,
    UNIQUE (ref, action, subject)
  ) STRICT;
  CREATE INDEX audit_subject ON audit (subject, seq);
  `,
  `
  -- the other member of a room for two, once it was asked for
  ALTER TABLE rooms ADD COLUMN person TEXT;
  -- the layout with which the widget was put there; NULL: it was not, or it was removed
  ALTER TABLE rooms ADD COLUMN widget TEXT;
  -- which lack of power was told
  ALTER TABLE rooms ADD COLUMN widget_told TEXT;
  `,
  `
  -- when it was last told that a message there can't be read, epoch ms
  ALTER TABLE rooms ADD COLUMN unreadable_told INTEGER;

  -- Encrypted messages whose key has not come yet; event: as it came, JSON.
  CREATE TABLE unreadable (
    event_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL,
    event TEXT NOT NULL,
    received_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- What /sync told of rooms and is not taken in yet, because events before it are missing.
  CREATE TABLE gaps (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL,
    -- where they are read backwards from; NULL: it only waits for the ones before it
    from_token TEXT,
    -- the position up to which everything is known; NULL: up to the invite of a room just joined
    up_to TEXT,
    -- JSON; encrypted messages as they came
    waiting TEXT NOT NULL
  ) STRICT;
  CREATE INDEX gaps_room ON gaps (room_id, seq);
  `,
  `
  -- What was told in the prompt's place, JSON; decision: only what is about to be deleted.
  ALTER TABLE confirmations ADD COLUMN reply TEXT;
  UPDATE confirmations SET reply = decision, decision = NULL WHERE state = 'done';
  `,
  `
  -- Sessions of the widget; hash: SHA-256 of the token, base64url. Times: epoch ms.
  CREATE TABLE widget_sessions (
    hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- the code of m.room_key.withheld that the notice of unreadable_told was about; NULL: none was known
  ALTER TABLE rooms ADD COLUMN unreadable_code TEXT;
  `,
  `
  -- Event IDs of the bot's own reactions to the prompt that are not redacted yet; a JSON array.
  ALTER TABLE confirmations ADD COLUMN reactions TEXT NOT NULL DEFAULT '[]';
  `,
  `
  -- What is done once it is confirmed: 'deletion' or 'disallow'.
  ALTER TABLE confirmations ADD COLUMN kind TEXT NOT NULL DEFAULT 'deletion';
  `,
  `
  -- Encrypted commands, by what the sender's client numbers: the same one is not carried out in another event.
  CREATE TABLE ciphertexts (
    room_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    message_index INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    -- epoch ms
    received_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, session_id, message_index)
  ) STRICT;
  CREATE INDEX ciphertexts_age ON ciphertexts (received_at);
  -- the people there were told that a command came in clear, although the room is encrypted
  ALTER TABLE rooms ADD COLUMN clear_told INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Of rooms that the bot is in: who invited it, and since when nobody with access is there; times: epoch ms. Of rooms it
  -- has left: when it said that the room is too big.
  CREATE TABLE stays (
    room_id TEXT PRIMARY KEY,
    inviter TEXT,
    checked_at INTEGER,
    without_access_since INTEGER,
    too_big_told INTEGER
  ) STRICT;
  CREATE INDEX stays_inviter ON stays (inviter);

  -- Users who share no encrypted room with the bot any more, since the last start.
  CREATE TABLE departed (user_id TEXT PRIMARY KEY) STRICT;
  `,
];

/** A file of the data folder: its schema, and its problems. */
export interface FileKind {
  readonly steps: readonly string[];
  /** Thrown if the file is damaged, or was written by a newer version of the bot. */
  readonly problems: {
    readonly damaged: 'state_file_damaged' | 'crypto_store_damaged';
    readonly newer: 'state_file_newer' | 'crypto_store_newer';
  };
}

export const STATE_FILE: FileKind = {
  steps: STEPS,
  problems: { damaged: 'state_file_damaged', newer: 'state_file_newer' },
};

/** @throws Problem `data_dir_unusable` if a newer version of the bot wrote the file. */
export function migrate(db: DatabaseSync, { steps, problems }: FileKind): void {
  const row = db.prepare('PRAGMA user_version').get();
  const version = Number(row?.user_version ?? 0);
  if (version > steps.length) {
    throw problem(problems.newer, { schema: version, known: steps.length });
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
