import { type MatrixClient, MatrixEventEvent, type Room, RoomEvent, RoomStateEvent } from 'matrix-js-sdk';
import { useEffect, useState } from 'preact/hooks';
import { Chat } from './Chat.tsx';
import { HOSTS, type HostName } from './hosts.ts';
import { messagesOf } from './messages.ts';
import { Settings, type View } from './Settings.tsx';
import { WidgetPanel } from './WidgetPanel.tsx';
import { widgetOf } from './widgetHost.ts';

interface Props {
  client: MatrixClient;
  room: Room;
  host: HostName;
}

/** The room with its widget, in the client's current look. */
export function RoomView({ client, room, host }: Props) {
  useChanges(client, room.roomId);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const [view, setView] = useState<View>({ theme: dark ? 'dark' : 'light', language: 'en', place: 'room' });
  const { inDrawer } = HOSTS[host];
  const [isOpen, setOpen] = useState(!inDrawer);
  useEffect(() => {
    document.documentElement.dataset.theme = view.theme;
  }, [view.theme]);
  const shown = widgetOf(room);
  const inRoom = host === 'demo' ? (shown?.container ?? 'top') : host;
  const place = view.place === 'room' ? inRoom : view.place;
  const { theme, language } = view;
  const { roomId } = room;
  return (
    <div class={`client ${place}`}>
      <header class="bar">
        <h1>{room.name}</h1>
        <Settings view={view} onChange={setView} />
        {inDrawer && (
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Widgets
          </button>
        )}
      </header>
      <main>
        {shown && isOpen && <WidgetPanel {...{ client, roomId, shown, theme, language, host }} />}
        <Chat client={client} roomId={roomId} messages={messagesOf(room, client.getSafeUserId())} />
      </main>
    </div>
  );
}

/** Renders again whenever something of the room may have changed. */
function useChanges(client: MatrixClient, roomId: string): void {
  const [, setCount] = useState(0);
  useEffect(() => {
    const changed = () => setCount((count) => count + 1);
    const inRoom = (_event: unknown, room: Room | undefined) => {
      if (room?.roomId === roomId) changed();
    };
    client.on(RoomEvent.Timeline, inRoom);
    client.on(RoomEvent.Redaction, changed);
    client.on(RoomStateEvent.Events, changed);
    client.on(MatrixEventEvent.Replaced, changed);
    return () => {
      client.off(RoomEvent.Timeline, inRoom);
      client.off(RoomEvent.Redaction, changed);
      client.off(RoomStateEvent.Events, changed);
      client.off(MatrixEventEvent.Replaced, changed);
    };
  }, [client, roomId]);
}
