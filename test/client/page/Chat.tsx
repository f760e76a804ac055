import type { MatrixClient } from 'matrix-js-sdk';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { safeHtml } from './html.ts';
import type { Message, Reaction } from './messages.ts';

interface Props {
  client: MatrixClient;
  roomId: string;
  messages: Message[];
}

/** What can be reacted with even where nobody has yet. */
const OFFERED = ['✅', '❌'];

export function Chat({ client, roomId, messages }: Props) {
  const [failure, setFailure] = useState('');
  const attempt = async (action: Promise<unknown>): Promise<void> => {
    try {
      await action;
      setFailure('');
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  const react = (message: Message, key: string) => {
    const own = message.reactions.find((reaction) => reaction.key === key)?.own;
    if (own !== undefined) return attempt(client.redactEvent(roomId, own));
    const relation = { rel_type: 'm.annotation', event_id: message.id, key };
    // The SDK's types know relations only by its own names for them.
    return attempt(client.sendEvent(roomId, 'm.reaction' as never, { 'm.relates_to': relation } as never));
  };
  const end = useRef<HTMLDivElement>(null);
  const latest = messages.at(-1);
  useLayoutEffect(
    () => end.current?.scrollIntoView({ block: 'end' }),
    [latest?.id, latest?.body, messages.length],
  );
  return (
    <section class="chat" aria-label="Chat">
      <ol class="messages" aria-label="Messages">
        {messages.map((message) => (
          <Entry key={message.id} message={message} onReact={(key) => void react(message, key)} />
        ))}
        <div ref={end} />
      </ol>
      {failure !== '' && <p role="alert">{failure}</p>}
      <Composer onSend={(text) => attempt(client.sendTextMessage(roomId, text))} />
    </section>
  );
}

function Entry({ message, onReact }: { message: Message; onReact: (key: string) => void }) {
  const { reactions } = message;
  const missing = OFFERED.filter((key) => !reactions.some((reaction) => reaction.key === key));
  return (
    <li
      class={message.isOwn ? 'message own' : 'message'}
      data-event-id={message.id}
      data-sender={message.sender}
    >
      <div class="by">
        <span>{message.senderName}</span> <time>{new Date(message.at).toLocaleTimeString()}</time>
        {message.isEdited && <span> (edited)</span>}
      </div>
      {message.answers !== undefined && <blockquote class="answered">{message.answers}</blockquote>}
      {message.html === undefined ? <p class="body plain">{message.body}</p> : <Html html={message.html} />}
      <div class="reactions">
        {reactions.map((reaction) => (
          <ReactionButton key={reaction.key} reaction={reaction} onReact={onReact} />
        ))}
      </div>
      {!message.isOwn && (
        <div class="offers">
          {missing.map((key) => (
            <button
              key={key}
              type="button"
              class="offered"
              aria-label={`React ${key}`}
              onClick={() => onReact(key)}
            >
              {key}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}

function ReactionButton({ reaction, onReact }: { reaction: Reaction; onReact: (key: string) => void }) {
  const { key, count, own } = reaction;
  return (
    <button
      type="button"
      aria-label={`React ${key}`}
      aria-pressed={own !== undefined}
      data-count={count}
      onClick={() => onReact(key)}
    >
      {key} {count}
    </button>
  );
}

function Html({ html }: { html: string }) {
  const body = useRef<HTMLDivElement>(null);
  // Before the list scrolls to its end, which depends on the height of this.
  useLayoutEffect(() => body.current?.replaceChildren(safeHtml(html)), [html]);
  return <div ref={body} class="body" />;
}

function Composer({ onSend }: { onSend: (text: string) => Promise<void> }) {
  const [text, setText] = useState('');
  const send = (event: Event) => {
    event.preventDefault();
    if (text.trim() === '') return;
    setText('');
    void onSend(text);
  };
  return (
    <form class="composer" onSubmit={send}>
      <input
        aria-label="Message"
        placeholder="Message the bot: help, create, list …"
        autocomplete="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">Send</button>
    </form>
  );
}
