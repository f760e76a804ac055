// A widget of the room as clients embed it: its address, its consent, its messages.
import { Direction, type MatrixClient, type Room } from 'matrix-js-sdk';
import {
  type Capability,
  ClientWidgetApi,
  type IOpenIDUpdate,
  type IWidget,
  OpenIDRequestState,
  type SimpleObservable,
  Widget,
  WidgetDriver,
} from 'matrix-widget-api';
import type { Host } from './hosts.ts';

export const THEMES = ['light', 'dark', 'light-high-contrast', 'dark-high-contrast'] as const;
export type ThemeName = (typeof THEMES)[number];
type Container = 'top' | 'right';

export interface RoomWidget {
  widget: Widget;
  /** Consent to load is given to this event: a widget that is written anew asks anew. */
  eventId: string;
  addedBy: string;
  /** Where the room's layout has it. */
  container: Container;
}

/** The room's first widget that can be shown. */
export function widgetOf(room: Room): RoomWidget | undefined {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  const layout = state?.getStateEvents('io.element.widgets.layout', '')?.getContent().widgets ?? {};
  for (const event of state?.getStateEvents('im.vector.modular.widgets') ?? []) {
    const content = event.getContent<Partial<IWidget>>();
    const id = event.getStateKey() ?? '';
    if (typeof content.url !== 'string' || typeof content.type !== 'string') continue;
    const addedBy = event.getSender() ?? '';
    // As in Element, the sender is who the server says it is.
    const widget = new Widget({ ...content, id, creatorUserId: addedBy } as IWidget);
    const container = layout[id]?.container === 'top' ? 'top' : 'right';
    return { widget, eventId: event.getId() ?? '', addedBy, container };
  }
  return undefined;
}

export interface Surroundings {
  client: MatrixClient;
  roomId: string;
  theme: ThemeName;
  language: string;
  host: Host;
}

/** With the variables filled in, and what clients append. */
function widgetAddress(widget: Widget, { client, roomId, theme, language }: Surroundings): string {
  const url = new URL(
    widget.getCompleteUrl({
      widgetRoomId: roomId,
      currentUserId: client.getSafeUserId(),
      userDisplayName: client.getSafeUserId(),
      clientId: 'test-client',
      clientTheme: theme,
      clientLanguage: language,
      baseUrl: client.baseUrl,
    }),
  );
  url.searchParams.set('widgetId', widget.id);
  url.searchParams.set('parentUrl', location.href.split('#')[0] ?? '');
  return url.toString();
}

/** Asks the person whether the widget may know who they are. */
export type AskIdentity = () => Promise<{ allowed: boolean; remember: boolean }>;

/** Identity consents that are to be remembered, for the page's life. */
const remembered = new Map<string, boolean>();

class Driver extends WidgetDriver {
  readonly #client: MatrixClient;
  readonly #host: Host;
  readonly #subject: string;
  readonly #ask: AskIdentity;

  constructor({ client, host }: Surroundings, subject: string, ask: AskIdentity) {
    super();
    this.#client = client;
    this.#host = host;
    this.#subject = subject;
    this.#ask = ask;
  }

  override async validateCapabilities(requested: Set<Capability>): Promise<Set<Capability>> {
    return this.#host.asks ? new Set() : requested;
  }

  override askOpenID(observer: SimpleObservable<IOpenIDUpdate>): void {
    // For tests: how often the widget asked, also where the person sees no question.
    const { dataset } = document.documentElement;
    dataset.identityRequests = String(Number(dataset.identityRequests ?? 0) + 1);
    void this.#answer(observer);
  }

  async #answer(observer: SimpleObservable<IOpenIDUpdate>): Promise<void> {
    let allowed = this.#host.asks ? remembered.get(this.#subject) : true;
    if (allowed === undefined) {
      observer.update({ state: OpenIDRequestState.PendingUserConfirmation });
      const answer = await this.#ask();
      if (answer.remember) remembered.set(this.#subject, answer.allowed);
      allowed = answer.allowed;
    }
    if (!allowed) return observer.update({ state: OpenIDRequestState.Blocked });
    try {
      const token = await this.#client.getOpenIdToken();
      observer.update({ state: OpenIDRequestState.Allowed, token });
    } catch {
      // The protocol has no way to tell an error at this point; Element answers the same.
      observer.update({ state: OpenIDRequestState.Blocked });
    }
  }
}

export interface EmbeddedWidget {
  setTheme(name: ThemeName): void;
  stop(): void;
}

/** Loads the widget into an iframe that is in the document and has no address yet. */
export function embed(
  widget: Widget,
  iframe: HTMLIFrameElement,
  surroundings: Surroundings,
  ask: AskIdentity,
): EmbeddedWidget {
  const driver = new Driver(surroundings, `${surroundings.roomId} ${widget.templateUrl}`, ask);
  const api = new ClientWidgetApi(widget, iframe, driver);
  let isReady = false;
  let theme: ThemeName = surroundings.theme;
  const sendTheme = () => void api.updateTheme({ name: theme }).catch(() => undefined);
  api.once('ready', () => {
    isReady = true;
    // It may have changed while the widget was loading.
    if (theme !== surroundings.theme) sendTheme();
  });
  // The iframe loads only now, so that its first message is answered.
  iframe.src = widgetAddress(widget, surroundings);
  return {
    setTheme(name) {
      if (name === theme) return;
      theme = name;
      if (isReady) sendTheme();
    },
    stop: () => api.stop(),
  };
}
