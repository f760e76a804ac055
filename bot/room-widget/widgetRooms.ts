// Keeps the widget in direct rooms whose person has access, and in rooms where it was asked for. `refresh` only queues
// a room; what to do is decided in the room's queue, and retried until it succeeds.
import { Problem } from '../../common/problems/problem.ts';
import type { Config } from '../config/config.ts';
import { type WidgetPlace, widgetPlace } from '../config/widgetPlace.ts';
import { Pause, retry } from '../lib/retry.ts';
import { Slots } from '../lib/slots.ts';
import { readProfile, uploadAvatar } from '../matrix/profile.ts';
import { personIn } from '../matrix/rooms/directRooms.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { retryStoreFailures } from '../store/fault.ts';
import type { MetaTable } from '../store/meta.ts';
import type { RoomTable } from '../store/rooms.ts';
import { type MissingPower, type PutOutcome, putWidget, removeWidget } from './widgetPlacing.ts';
import { widgetContent, widgetGoal } from './widgetState.ts';

export interface WidgetRoomOptions {
  readonly widget: Config['widget'];
  readonly trust: Config['bot']['trust'];
  /** Its name in clients. */
  readonly name: string;
  readonly homeserver: MatrixSession;
  readonly rooms: RoomTable;
  readonly meta: MetaTable;
  /** Runs a task of a room after those before it, and resolves or rejects as it does. */
  readonly inRoom: (roomId: string, task: () => Promise<void>) => Promise<void>;
  readonly hasAccess: (userId: string) => boolean;
  /** Sends a notice about the missing power level. @param about idempotency key: the same one is sent once */
  readonly notify: (roomId: string, missingPower: MissingPower, about: string) => Promise<unknown>;
  /** Resolves once the bot's account has a picture, or can't have one now. */
  readonly introduced: () => Promise<unknown>;
  readonly log: Log;
  /** Aborted when no new work is begun any more. */
  readonly signal: AbortSignal;
}

/** Rooms updated concurrently: at the start there may be many. */
const MOST_AT_ONCE = 4;

export class WidgetRooms {
  readonly #options: WidgetRoomOptions;
  readonly #slots = new Slots(MOST_AT_ONCE);
  /** Rooms that changed since their last update. */
  readonly #wanted = new Set<string>();
  /** Of the rooms that are being updated or retried. */
  readonly #pauses = new Map<string, Pause>();

  constructor(options: WidgetRoomOptions) {
    this.#options = options;
  }

  get where(): WidgetPlace {
    const { widget, trust } = this.#options;
    return widgetPlace(widget, trust);
  }

  get #address(): string | undefined {
    const { where } = this;
    return 'address' in where ? where.address : undefined;
  }

  /** Updates all rooms: members or the configuration may have changed while the bot was off. */
  start(): void {
    for (const { roomId } of this.#options.rooms.joined()) this.refresh(roomId);
  }

  /** To be called when the members, the power levels or the access of the room’s person changed. */
  refresh(roomId: string): void {
    const { rooms } = this.#options;
    if (this.#address === undefined && rooms.get(roomId).widget === undefined) return;
    this.#wanted.add(roomId);
    const pause = this.#pauses.get(roomId);
    if (pause === undefined) void this.#keepUpdated(roomId, new Pause());
    else pause.end();
  }

  accessChanged(): void {
    const { rooms, hasAccess } = this.#options;
    for (const { roomId, person, widget } of rooms.joined()) {
      if (person === undefined || hasAccess(person) !== (widget !== undefined)) this.refresh(roomId);
    }
  }

  /**
   * Puts the widget into the room because somebody with access asked for it; to be called in the room's queue.
   * @throws RequestFailed
   */
  async put(roomId: string): Promise<PutOutcome> {
    const address = this.#address;
    if (address === undefined) return 'left-out';
    const outcome = await this.#put(roomId, address, true);
    // The answer to the command says so; no further notice.
    if (typeof outcome === 'object')
      this.#options.rooms.update(roomId, { missingPowerReported: missingPowerKey(outcome) });
    return outcome;
  }

  /** Updates the room until it has not changed meanwhile. */
  async #keepUpdated(roomId: string, pause: Pause): Promise<void> {
    const { log, signal } = this.#options;
    this.#pauses.set(roomId, pause);
    while (this.#wanted.has(roomId) && !signal.aborted) {
      try {
        await retry(() => this.#slots.run(() => this.#updateInQueue(roomId)), {
          when: isTransient,
          first: 1_000,
          most: 300_000,
          // A change in the room ends the pause before the next try.
          pause,
          signal,
          onRetry: (error, retryInMs) => {
            const { sentence } = error as Problem;
            log.warn({ roomId, retryInMs }, `Could not update the widget; retrying: ${sentence}`);
          },
        });
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error, roomId }, 'Could not put the widget into a room, or remove it.');
      }
    }
    this.#pauses.delete(roomId);
  }

  /** Queued for each try, not for all of them: the room's commands need not wait until one works. */
  async #updateInQueue(roomId: string): Promise<void> {
    const { inRoom, log, signal } = this.#options;
    await inRoom(roomId, async () => {
      this.#wanted.delete(roomId);
      await retryStoreFailures(log, signal, () => this.#updateRoom(roomId));
    });
  }

  async #updateRoom(roomId: string): Promise<void> {
    const { rooms, homeserver, hasAccess, log } = this.#options;
    const address = this.#address;
    const person = address === undefined ? undefined : await personIn(this.#options, roomId);
    const goal = widgetGoal(
      address !== undefined,
      rooms.get(roomId),
      person === undefined ? undefined : hasAccess(person),
    );
    if (goal === 'put' && address !== undefined) {
      const outcome = await this.#put(roomId, address, false);
      if (typeof outcome === 'object') await this.#notify(roomId, outcome);
    } else if (goal === 'remove') {
      const outcome = await removeWidget({ homeserver, rooms }, roomId);
      if (outcome === 'removed') log.info({ roomId }, 'Removed the widget from a room');
      if (typeof outcome === 'object') {
        const { has, needs } = outcome;
        log.warn({ roomId, has, needs }, 'The bot lacks the power level to remove its widget from a room.');
      }
    }
  }

  async #put(roomId: string, address: string, isAskedFor: boolean): Promise<PutOutcome> {
    const { homeserver, rooms, meta, widget, name, introduced } = this.#options;
    await introduced();
    const content = widgetContent(name, address, homeserver.userId, await widgetIcon(homeserver, meta));
    return await putWidget({ homeserver, rooms }, roomId, { content, layout: widget.layout }, isAskedFor);
  }

  async #notify(roomId: string, missingPower: MissingPower): Promise<void> {
    const { rooms, notify, log } = this.#options;
    const key = missingPowerKey(missingPower);
    if (rooms.get(roomId).missingPowerReported === key) return;
    try {
      await notify(roomId, missingPower, `widget.${key}.${missingPower.eventId ?? roomId}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'refused') throw error;
      // The bot may not send messages in this room either.
      log.info({ roomId, ...missingPower }, 'The bot lacks the power level to put its widget into a room.');
      return;
    }
    rooms.update(roomId, { missingPowerReported: key });
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof Problem && (error.transient || error.kind === 'bot_credential_refused');
}

/** A new notice is sent only if the needed level or the bot’s own has changed. */
function missingPowerKey({ of, has, needs }: MissingPower): string {
  return `${of}.${has}.${needs}`;
}

/**
 * The widget's picture as an `mxc:` URI: the bot's avatar. Stored and not updated later, because clients ask for
 * consent again when the widget changes.
 * @throws RequestFailed if transient
 */
async function widgetIcon(homeserver: MatrixSession, meta: MetaTable): Promise<string | undefined> {
  let icon = meta.get('widget_icon');
  if (icon === undefined) {
    icon = await findIcon(homeserver);
    meta.set('widget_icon', icon);
  }
  return icon === '' ? undefined : icon;
}

async function findIcon(homeserver: MatrixSession): Promise<string> {
  try {
    return (await readProfile(homeserver)).avatarUrl ?? (await uploadAvatar(homeserver));
  } catch (error) {
    if (!(error instanceof Problem) || error.transient) throw error;
    // The homeserver refuses uploads: the widget works without a picture.
    return '';
  }
}
