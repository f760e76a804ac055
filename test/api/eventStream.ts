// `GET /events` as the widget reads it.
import { API_ROOT } from '../../common/api.ts';
import type { LiveEvent } from '../../common/apiResponses.ts';
import type { RegistrationToken } from '../../common/token.ts';

export type ReceivedEvent = LiveEvent & { id: string };

/** `GET /events`, read as the widget reads it. */
export class EventStream implements Disposable {
  readonly events: ReceivedEvent[] = [];
  readonly headers: Headers;
  /** Resolves when the stream has ended, from whichever side. */
  readonly ended: Promise<void>;
  readonly #abort: AbortController;
  readonly #waiting = new Set<() => void>();

  private constructor(response: Response, abort: AbortController) {
    this.headers = response.headers;
    this.#abort = abort;
    this.ended = this.#read(response).catch(() => undefined);
  }

  /** @param address of the bot's web server */
  static async open(address: string, token: string, lastEventId?: string): Promise<EventStream> {
    const abort = new AbortController();
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
    const response = await fetch(`${address}${API_ROOT}/events`, { headers, signal: abort.signal });
    if (response.status !== 200) throw new Error(`GET /events: ${response.status} ${await response.text()}`);
    return new EventStream(response, abort);
  }

  get lastId(): string | undefined {
    return this.events.at(-1)?.id;
  }

  /** The first event that fits, also one that has come already. */
  async waitFor(fits: (event: ReceivedEvent) => boolean, timeoutMs = 10_000): Promise<ReceivedEvent> {
    const found = this.events.find(fits);
    if (found !== undefined) return found;
    return await new Promise((resolve, reject) => {
      const look = () => {
        const event = this.events.find(fits);
        if (event === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(event);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`No such event within ${timeoutMs} ms; there were: ${JSON.stringify(this.events)}`));
      }, timeoutMs);
      this.#waiting.add(look);
    });
  }

  /** The first event about the token that fits. */
  async waitForToken(token: string, fits: (token: RegistrationToken) => boolean = () => true): Promise<void> {
    await this.waitFor(
      ({ event, data }) => event === 'tokens' && data.changed.some((t) => t.token === token && fits(t)),
    );
  }

  async waitForRemoval(token: string): Promise<void> {
    await this.waitFor(({ event, data }) => event === 'tokens' && data.removed.includes(token));
  }

  close(): void {
    this.#abort.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(response: Response): Promise<void> {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
      for (const look of [...this.#waiting]) look();
    }
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
    );
    const event = fields.get('event');
    if (event === undefined) return;
    this.events.push({
      id: fields.get('id'),
      event,
      data: JSON.parse(fields.get('data') ?? ''),
    } as ReceivedEvent);
  }
}
