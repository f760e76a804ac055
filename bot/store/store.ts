import type { DatabaseSync } from 'node:sqlite';
import { AllowedTable } from './allowed.ts';
import { AuditTable } from './audit.ts';
import { CiphertextTable } from './ciphertexts.ts';
import { ConfirmationTable } from './confirmationTable.ts';
import { inTransaction, openDatabase } from './database.ts';
import { DepartedTable } from './departed.ts';
import { GapTable } from './gapTable.ts';
import { InboxTable } from './inbox.ts';
import { MetaTable } from './meta.ts';
import { RoomTable } from './rooms.ts';
import { StayTable } from './stays.ts';
import { UnreadableTable } from './unreadable.ts';
import { WidgetSessionTable } from './widgetSessions.ts';

/** The bot's state, one object per table. */
export class Store {
  readonly meta: MetaTable;
  readonly rooms: RoomTable;
  readonly stays: StayTable;
  readonly departed: DepartedTable;
  readonly inbox: InboxTable;
  readonly allowed: AllowedTable;
  readonly confirmations: ConfirmationTable;
  readonly audit: AuditTable;
  readonly unreadable: UnreadableTable;
  readonly gaps: GapTable;
  readonly widgetSessions: WidgetSessionTable;
  readonly ciphertexts: CiphertextTable;
  readonly #db: DatabaseSync;

  /** @throws Problem `data_dir_in_use`, `data_dir_unusable` */
  constructor(dataDir: string) {
    this.#db = openDatabase(dataDir);
    this.meta = new MetaTable(this.#db);
    this.rooms = new RoomTable(this.#db);
    this.departed = new DepartedTable(this.#db);
    this.stays = new StayTable(this.#db);
    this.inbox = new InboxTable(this.#db);
    this.allowed = new AllowedTable(this.#db);
    this.confirmations = new ConfirmationTable(this.#db);
    this.audit = new AuditTable(this.#db);
    this.unreadable = new UnreadableTable(this.#db);
    this.gaps = new GapTable(this.#db);
    this.widgetSessions = new WidgetSessionTable(this.#db);
    this.ciphertexts = new CiphertextTable(this.#db);
  }

  transaction<T>(work: () => T): T {
    try {
      return inTransaction(this.#db, work);
    } catch (error) {
      this.rooms.reload();
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}
