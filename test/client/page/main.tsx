// A small Matrix client for the demo and the browser tests: one direct room, and its widget as Element shows it.
import type { MatrixClient } from 'matrix-js-sdk';
import { ClientEvent } from 'matrix-js-sdk';
import { render } from 'preact';
import { connect, roomToShow, startDirectRoom } from './account.ts';
import { readLink } from './link.ts';
import { RoomView } from './RoomView.tsx';
import { SignIn } from './SignIn.tsx';

const link = readLink(location.hash);
// A link that is pasted into this tab differs in its fragment only, which loads nothing by itself.
window.addEventListener('hashchange', () => location.reload());

async function show(): Promise<void> {
  if (link.token === '') return draw(<SignIn homeserver={link.homeserver} problem="" />);
  draw(<p class="wait">Signing in …</p>);
  try {
    const client = await connect(link);
    const roomId = roomToShow(client, link.room);
    if (roomId === undefined) draw(<StartChat client={client} />);
    else await showRoom(client, roomId);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    draw(<SignIn homeserver={link.homeserver} problem={problem} />);
  }
}

async function showRoom(client: MatrixClient, roomId: string): Promise<void> {
  const room = client.getRoom(roomId) ?? (await appearing(client, roomId));
  draw(<RoomView client={client} room={room} host={link.host} />);
}

async function appearing(client: MatrixClient, roomId: string) {
  draw(<p class="wait">Waiting for the room …</p>);
  return await new Promise<NonNullable<ReturnType<MatrixClient['getRoom']>>>((resolve) => {
    client.on(ClientEvent.Room, (room) => {
      if (room.roomId === roomId) resolve(room);
    });
  });
}

function StartChat({ client }: { client: MatrixClient }) {
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const userId = String(new FormData(event.currentTarget as HTMLFormElement).get('bot') ?? '').trim();
    await showRoom(client, await startDirectRoom(client, userId));
  };
  return (
    <form class="sign-in" onSubmit={(event) => void submit(event)}>
      <h1>Start a chat</h1>
      <label>
        The bot’s user ID{' '}
        <input name="bot" required pattern="@.+:.+" placeholder="@registration-bot:localhost" />
      </label>
      <button type="submit">Start</button>
    </form>
  );
}

function draw(content: preact.ComponentChild): void {
  render(content, document.body);
}

void show();
