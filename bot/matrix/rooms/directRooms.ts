// Direct rooms: rooms of the bot and one person.
import type { RoomTable } from '../../store/rooms.ts';
import type { MatrixSession } from '../session.ts';
import { readJoinedMembers } from './roomState.ts';

export interface DirectRoomOptions {
  readonly homeserver: MatrixSession;
  readonly rooms: RoomTable;
}

/** The other member of a direct room; undefined: it is none. @throws RequestFailed */
export async function personIn(
  { homeserver, rooms }: DirectRoomOptions,
  roomId: string,
): Promise<string | undefined> {
  const room = rooms.get(roomId);
  if (room.joinedMembers !== 2) return undefined;
  if (room.person !== undefined) return room.person;
  const others = (await readJoinedMembers(homeserver, roomId)).filter(
    (userId) => userId !== homeserver.userId,
  );
  const [other] = others;
  if (other === undefined || others.length !== 1) return undefined;
  // Not stored if the members changed meanwhile.
  if (rooms.get(roomId) === room) rooms.update(roomId, { person: other });
  return other;
}

/** Each costs a request once: the answer is stored until the members change. */
const MOST_REQUESTED = 20;

/** A direct room with this person; of rooms whose person is not known yet, only some are tried. @throws RequestFailed */
export async function directRoomWith(
  options: DirectRoomOptions,
  userId: string,
): Promise<string | undefined> {
  // Newer rooms come last.
  const rooms = options.rooms
    .joined()
    .filter(({ joinedMembers }) => joinedMembers === 2)
    .toReversed();
  const known = rooms.find(({ person }) => person === userId);
  if (known !== undefined) return known.roomId;
  const unknown = rooms.filter(({ person }) => person === undefined).slice(0, MOST_REQUESTED);
  for (const { roomId } of unknown) if ((await personIn(options, roomId)) === userId) return roomId;
  return undefined;
}
