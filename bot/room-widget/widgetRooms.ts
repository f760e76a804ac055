// Which rooms have the widget: those for two whose person has access, and those in which somebody asked for it. The
// rest of the bot only says that something changed; what is to be done is found out in the room's turn, and tried
// again until it is done.
import { Problem } from '../../common/problems/problem.ts';
import type { Config } from '../config/config.ts';
import { type WidgetPlace, widgetPlace } from '../config/widgetPlace.ts';
import { Pause, retry } from '../lib/retry.ts';
import { Slots } from '../lib/slots.ts';
import { readProfile, uploadAvatar } from '../matrix/profile.ts';
import { readJoinedMembers } from '../matrix/rooms/roomState.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import { whileStoreFails } from '../store/fault.ts';
import type { MetaTable } from '../store/meta.ts';
import type { RoomTable } from '../store/rooms.ts';
import { putWidget, removeWidget, type Shortfall } from './widgetPlacing.ts';
import { widgetContent, widgetGoal } from './widgetState.ts';

export interface WidgetRoomOptions {
  readonly widget: Config['widget'];
  readonly homeserver: MatrixSession;
  readonly rooms: RoomTable;
  readonly meta: MetaTable;
  /** Runs a task of a room after those before it, and resolves or rejects as it does. */
  readonly inRoom: (roomId: string, task: () => Promise<void>) => Promise<void>;
  readonly hasAccess: (userId: string) => boolean;
  /** Tells the room what the bot lacks. @param about the same one never tells twice */
  readonly tell: (roomId: string, shortfall: Shortfall, about: string) => Promise<unknown>;
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
  readonly #slots = new Slots(MOST_AT_ONCE);
  /** Rooms of which something changed since they were looked at. */
  readonly #wanted = new Set<string>();
  /** Of the rooms that are being looked at, or tried again. */
  readonly #pauses = new Map<string, Pause>();

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
    this.#wanted.add(roomId);
    const pause = this.#pauses.get(roomId);
    if (pause === undefined) void this.#settle(roomId, new Pause());
    else pause.end();
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
  async put(roomId: string): Promise<Shortfall | undefined> {
    const address = this.#address;
    if (address === undefined) return undefined;
    const shortfall = await this.#put(roomId, address, true);
    // The answer to the command tells it.
    if (shortfall !== undefined) this.#options.rooms.update(roomId, { widgetTold: shortfallKey(shortfall) });
    return shortfall;
  }

  /** Until no look at the room is wanted any more. */
  async #settle(roomId: string, pause: Pause): Promise<void> {
    const { log, signal } = this.#options;
    this.#pauses.set(roomId, pause);
    while (this.#wanted.has(roomId) && !signal.aborted) {
      try {
        await retry(() => this.#slots.run(() => this.#lookInTurn(roomId)), {
          when: isPassing,
          first: 1_000,
          most: 300_000,
          // A change in the room need not wait for the next try.
          pause,
          signal,
          onRetry: (error, retryInMs) => {
            const { sentence } = error as Problem;
            log.warn({ roomId, retryInMs }, `Could not look after the widget: ${sentence}`);
          },
        });
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error, roomId }, 'The widget can’t be put into or taken out of a room.');
      }
    }
    this.#pauses.delete(roomId);
  }

  /** Only the look is in the room's turn: its commands need not wait until a try works. */
  async #lookInTurn(roomId: string): Promise<void> {
    const { inRoom, log, signal } = this.#options;
    await inRoom(roomId, async () => {
      this.#wanted.delete(roomId);
      await whileStoreFails(log, signal, () => this.#look(roomId));
    });
  }

  async #look(roomId: string): Promise<void> {
    const { rooms, homeserver, hasAccess, log } = this.#options;
    const address = this.#address;
    const person = address === undefined ? undefined : await this.#personIn(roomId);
    const goal = widgetGoal(
      address !== undefined,
      rooms.get(roomId),
      person === undefined ? undefined : hasAccess(person),
    );
    if (goal === 'put' && address !== undefined) {
      const shortfall = await this.#put(roomId, address, false);
      if (shortfall !== undefined) await this.#tell(roomId, shortfall);
    } else if (goal === 'remove') {
      const outcome = await removeWidget({ homeserver, rooms }, roomId);
      if (outcome === 'removed') log.info({ roomId }, 'Removed the widget from a room');
      if (typeof outcome === 'object') {
        const { has, needs } = outcome;
        log.warn({ roomId, has, needs }, 'The bot lacks the power level to remove its widget from a room.');
      }
    }
  }

  async #put(roomId: string, address: string, isAskedFor: boolean): Promise<Shortfall | undefined> {
    const { homeserver, rooms, meta, widget, introduced } = this.#options;
    await introduced();
    const content = widgetContent(address, homeserver.userId, await widgetIcon(homeserver, meta));
    return await putWidget({ homeserver, rooms }, roomId, { content, layout: widget.layout }, isAskedFor);
  }

  async #tell(roomId: string, shortfall: Shortfall): Promise<void> {
    const { rooms, tell, log } = this.#options;
    const key = shortfallKey(shortfall);
    if (rooms.get(roomId).widgetTold === key) return;
    try {
      await tell(roomId, shortfall, `widget.${key}.${shortfall.eventId ?? roomId}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'refused') throw error;
      // Nobody can be told in a room in which the bot may not speak.
      log.info({ roomId, ...shortfall }, 'The bot lacks the power level to put its widget into a room.');
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

function isPassing(error: unknown): boolean {
  return error instanceof Problem && (error.transient || error.kind === 'bot_credential_refused');
}

/** Told again only if another level is needed, or the bot has another one. */
function shortfallKey({ of, has, needs }: Shortfall): string {
  return `${of}.${has}.${needs}`;
}

/**
 * The picture of the widget as an `mxc:` URI: the bot's own as it was at first. Kept as it is from then on, because a
 * widget that changes makes clients ask again.
 * @throws RequestFailed if that passes
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
    // A homeserver that takes no uploads: the widget works without a picture.
    return '';
  }
}
