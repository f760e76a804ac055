// Which rooms have the widget: those for two whose person has access, and those in which somebody asked for it. The
// rest of the bot only says that something changed; what is to be done is found out in the room's turn, and tried
// again until it is done.
import { Problem } from '../../common/problems/problem.ts';
import type { Config } from '../config/config.ts';
import { type WidgetPlace, widgetPlace } from '../config/widgetPlace.ts';
import { backoff, wait } from '../lib/clock.ts';
import { readProfile, uploadAvatar } from '../matrix/profile.ts';
import { readJoinedMembers } from '../matrix/rooms/roomState.ts';
import type { Homeserver } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { storeProblem, whileStoreFails } from '../store/fault.ts';
import type { MetaTable } from '../store/meta.ts';
import type { RoomTable } from '../store/rooms.ts';
import { type MissingPower, putWidget, removeWidget } from './widgetPlacing.ts';
import { widgetContent, widgetGoal } from './widgetState.ts';

export interface WidgetRoomOptions {
  readonly widget: Config['widget'];
  readonly homeserver: Homeserver;
  readonly rooms: RoomTable;
  readonly meta: MetaTable;
  /** Runs a task of a room after those before it; it must not throw. */
  readonly inRoom: (roomId: string, task: () => Promise<void>) => void;
  readonly hasAccess: (userId: string) => boolean;
  /** Tells the room what the bot lacks. @param about the same one never tells twice */
  readonly notify: (roomId: string, missingPower: MissingPower, about: string) => Promise<unknown>;
  /** Resolves once the bot's account has a picture, or can't have one now. */
  readonly introduced: () => Promise<unknown>;
  readonly log: Log;
  /** Aborted when nothing new is begun any more. */
  readonly signal: AbortSignal;
}

/** Rooms looked at side by side: at the start there may be many. */
const MOST_AT_ONCE = 4;

export class WidgetRooms {
  readonly #options: WidgetRoomOptions;
  readonly #waiting = new Set<string>();
  /** Failed tries of rooms that are tried again. */
  readonly #attempts = new Map<string, number>();
  #busy = 0;

  constructor(options: WidgetRoomOptions) {
    this.#options = options;
  }

  get where(): WidgetPlace {
    return widgetPlace(this.#options.widget);
  }

  get #address(): string | undefined {
    const { where } = this;
    return 'address' in where ? where.address : undefined;
  }

  /** Looks at all rooms: what happened, or was configured, while the bot was off. */
  start(): void {
    for (const { roomId } of this.#options.rooms.joined()) this.refresh(roomId);
  }

  /** Something about the room changed: its members, its power levels, who has access. */
  refresh(roomId: string): void {
    const { rooms } = this.#options;
    if (this.#address === undefined && rooms.get(roomId).widget === undefined) return;
    this.#waiting.add(roomId);
    this.#next();
  }

  accessChanged(): void {
    const { rooms, hasAccess } = this.#options;
    for (const { roomId, person, widget } of rooms.joined()) {
      if (person === undefined || hasAccess(person) !== (widget !== undefined)) this.refresh(roomId);
    }
  }

  /**
   * Puts the widget into the room because somebody with access asked for it; to be called in the room's turn.
   * Returns what the bot lacks the power for, if anything.
   * @throws RequestFailed
   */
  async put(roomId: string): Promise<MissingPower | undefined> {
    const address = this.#address;
    if (address === undefined) return undefined;
    const missingPower = await this.#put(roomId, address, true);
    // The answer to the command tells it.
    if (missingPower !== undefined)
      this.#options.rooms.update(roomId, { widgetTold: missingPowerKey(missingPower) });
    return missingPower;
  }

  #next(): void {
    const { inRoom, signal, log } = this.#options;
    for (const roomId of this.#waiting) {
      if (this.#busy >= MOST_AT_ONCE || signal.aborted) return;
      this.#waiting.delete(roomId);
      this.#busy++;
      inRoom(roomId, async () => {
        await whileStoreFails(log, signal, () => this.#tryRoom(roomId));
        this.#busy--;
        this.#next();
      });
    }
  }

  async #tryRoom(roomId: string): Promise<void> {
    const { log, signal } = this.#options;
    try {
      await this.#updateRoom(roomId);
      this.#attempts.delete(roomId);
    } catch (error) {
      if (signal.aborted) return;
      if (storeProblem(error) !== undefined) throw error;
      if (error instanceof Problem && (error.transient || error.kind === 'bot_credential_refused')) {
        // Outside of the room's turn: its commands need not wait for the widget.
        void this.#retryLater(roomId, error);
        return;
      }
      this.#attempts.delete(roomId);
      log.warn({ err: error, roomId }, 'The widget can’t be put into or taken out of a room.');
    }
  }

  async #retryLater(roomId: string, { sentence }: Problem): Promise<void> {
    const { log, signal } = this.#options;
    const attempt = this.#attempts.get(roomId) ?? 0;
    this.#attempts.set(roomId, attempt + 1);
    const delay = backoff(attempt, 1_000, 300_000);
    log.warn({ roomId, retryInMs: Math.round(delay) }, `Could not look after the widget: ${sentence}`);
    try {
      await wait(delay, signal);
    } catch {
      return;
    }
    this.refresh(roomId);
  }

  async #updateRoom(roomId: string): Promise<void> {
    const { rooms, homeserver, hasAccess, log } = this.#options;
    const address = this.#address;
    const person = address === undefined ? undefined : await this.#personIn(roomId);
    const goal = widgetGoal(
      address !== undefined,
      rooms.get(roomId),
      person === undefined ? undefined : hasAccess(person),
    );
    if (goal === 'put' && address !== undefined) {
      const missingPower = await this.#put(roomId, address, false);
      if (missingPower !== undefined) await this.#notify(roomId, missingPower);
    } else if (goal === 'remove') {
      const outcome = await removeWidget({ homeserver, rooms }, roomId);
      if (outcome === 'removed') log.info({ roomId }, 'Removed the widget from a room');
      if (typeof outcome === 'object') {
        const { has, needs } = outcome;
        log.warn({ roomId, has, needs }, 'The bot lacks the power level to remove its widget from a room.');
      }
    }
  }

  async #put(roomId: string, address: string, isAskedFor: boolean): Promise<MissingPower | undefined> {
    const { homeserver, rooms, meta, widget, introduced } = this.#options;
    await introduced();
    const content = widgetContent(address, homeserver.userId, await widgetIcon(homeserver, meta));
    return await putWidget({ homeserver, rooms }, roomId, { content, layout: widget.layout }, isAskedFor);
  }

  async #notify(roomId: string, missingPower: MissingPower): Promise<void> {
    const { rooms, notify, log } = this.#options;
    const key = missingPowerKey(missingPower);
    if (rooms.get(roomId).widgetTold === key) return;
    try {
      await notify(roomId, missingPower, `widget.${key}.${missingPower.eventId ?? roomId}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'refused') throw error;
      // Nobody can be told in a room in which the bot may not speak.
      log.info({ roomId, ...missingPower }, 'The bot lacks the power level to put its widget into a room.');
      return;
    }
    rooms.update(roomId, { widgetTold: key });
  }

  /** The other member of a room for two. */
  async #personIn(roomId: string): Promise<string | undefined> {
    const { rooms, homeserver } = this.#options;
    const room = rooms.get(roomId);
    if (room.joinedMembers !== 2) return undefined;
    if (room.person !== undefined) return room.person;
    const others = (await readJoinedMembers(homeserver, roomId)).filter(
      (userId) => userId !== homeserver.userId,
    );
    const [other] = others;
    if (other === undefined || others.length !== 1) return undefined;
    // Whoever came or went meanwhile is not in the answer: the look that follows from that asks again.
    if (rooms.get(roomId) === room) rooms.update(roomId, { person: other });
    return other;
  }
}

/** Told again only if another level is needed, or the bot has another one. */
function missingPowerKey({ of, has, needs }: MissingPower): string {
  return `${of}.${has}.${needs}`;
}

/**
 * The picture of the widget as an `mxc:` URI: the bot's own as it was at first. Kept as it is from then on, because a
 * widget that changes makes clients ask again.
 * @throws RequestFailed if that passes
 */
async function widgetIcon(homeserver: Homeserver, meta: MetaTable): Promise<string | undefined> {
  let icon = meta.get('widget_icon');
  if (icon === undefined) {
    icon = await findIcon(homeserver);
    meta.set('widget_icon', icon);
  }
  return icon === '' ? undefined : icon;
}

async function findIcon(homeserver: Homeserver): Promise<string> {
  try {
    return (await readProfile(homeserver)).avatarUrl ?? (await uploadAvatar(homeserver));
  } catch (error) {
    if (!(error instanceof Problem) || error.transient) throw error;
    // A homeserver that takes no uploads: the widget works without a picture.
    return '';
  }
}
