import type { MatrixClient } from 'matrix-js-sdk';
import { useEffect, useRef, useState } from 'preact/hooks';
import { HOSTS, type HostName } from './hosts.ts';
import {
  type AskIdentity,
  type EmbeddedWidget,
  embed,
  type RoomWidget,
  type ThemeName,
} from './widgetHost.ts';

/** As Element has it: without `allow-modals` and without leave to navigate the page around it. */
const SANDBOX =
  'allow-forms allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts allow-presentation allow-downloads';

interface Props {
  client: MatrixClient;
  roomId: string;
  shown: RoomWidget;
  theme: ThemeName;
  language: string;
  host: HostName;
}

/** Events whose widgets may be loaded, for the page's life. */
const consented = new Set<string>();

export function WidgetPanel(props: Props) {
  const { widget, eventId, addedBy } = props.shown;
  const [, setConsent] = useState(0);
  const mayLoad = !HOSTS[props.host].asks || consented.has(eventId);
  const title = [widget.name ?? 'Widget', widget.title].filter((part) => part).join(' - ');
  return (
    <section class="widget" aria-label="Widget">
      <header class="bar">{title}</header>
      {mayLoad ? (
        <Embedded key={`${eventId} ${props.language}`} {...props} />
      ) : (
        <div class="consent">
          <p>
            Widget added by <strong>{addedBy}</strong>
          </p>
          <p>Using this widget may share data with {new URL(widget.templateUrl).host}.</p>
          <button
            type="button"
            onClick={() => {
              consented.add(eventId);
              setConsent((count) => count + 1);
            }}
          >
            Continue
          </button>
        </div>
      )}
    </section>
  );
}

function Embedded({ client, roomId, shown, theme, language, host }: Props) {
  const iframe = useRef<HTMLIFrameElement>(null);
  const embedded = useRef<EmbeddedWidget | undefined>(undefined);
  const [question, setQuestion] = useState<((allowed: boolean, remember: boolean) => void) | undefined>();
  useEffect(() => {
    if (iframe.current === null) return;
    const ask: AskIdentity = () =>
      new Promise((resolve) => {
        setQuestion(() => (allowed: boolean, remember: boolean) => {
          setQuestion(undefined);
          resolve({ allowed, remember });
        });
      });
    const surroundings = { client, roomId, theme, language, host: HOSTS[host] };
    embedded.current = embed(shown.widget, iframe.current, surroundings, ask);
    return () => embedded.current?.stop();
    // Loaded once: another event or language has another key, and the theme is sent to the widget.
  }, []);
  useEffect(() => embedded.current?.setTheme(theme), [theme]);
  return (
    <>
      <iframe ref={iframe} title={shown.widget.name ?? 'Widget'} sandbox={SANDBOX} allow="clipboard-write" />
      {question && <IdentityPrompt widgetName={shown.widget.name ?? 'Widget'} onAnswer={question} />}
    </>
  );
}

interface PromptProps {
  widgetName: string;
  onAnswer: (allowed: boolean, remember: boolean) => void;
}

function IdentityPrompt({ widgetName, onAnswer }: PromptProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const remember = useRef<HTMLInputElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const answer = (allowed: boolean) => onAnswer(allowed, remember.current?.checked ?? false);
  return (
    <dialog ref={dialog} aria-labelledby="identity-title" onClose={() => answer(false)}>
      <h2 id="identity-title">Allow this widget to verify your identity</h2>
      <p>The widget “{widgetName}” will verify your user ID, but won’t be able to perform actions for you.</p>
      <label>
        <input ref={remember} type="checkbox" /> Remember my selection for this widget
      </label>
      <div class="buttons">
        <button type="button" onClick={() => answer(false)}>
          Deny
        </button>
        <button type="button" onClick={() => answer(true)}>
          Allow
        </button>
      </div>
    </dialog>
  );
}
