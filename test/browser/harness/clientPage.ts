// What a person sees and does in their client, which has the widget beside the chat.
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { HOSTS, type HostName } from '../../client/page/hosts.ts';
import { WidgetFrame } from './widgetFrame.ts';

const DRAWN = 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))';

interface ClientPageOptions {
  widgetUrl: string;
  /** Default: that of the demo. */
  host?: HostName;
}

export class ClientPage {
  readonly page: Page;
  readonly widget: WidgetFrame;
  /** What the widget wrote to the console as errors, and what anything threw. */
  readonly errors: string[] = [];

  readonly #host: HostName;

  private constructor(page: Page, { widgetUrl, host = 'demo' }: ClientPageOptions) {
    this.page = page;
    this.#host = host;
    this.widget = new WidgetFrame(page.frameLocator('.widget iframe'));
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      const { url } = message.location();
      // The SDK asks for things that may not be there, which browsers report as errors.
      if (message.type() === 'error' && url.startsWith(widgetUrl))
        this.errors.push(`${message.text()} ${url}`);
    });
  }

  /** Opens a link that is signed in, and waits for the room. */
  static async open(context: BrowserContext, link: string, options: ClientPageOptions): Promise<ClientPage> {
    const page = await context.newPage();
    const client = new ClientPage(page, options);
    await page.goto(link);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    return client;
  }

  /** Lets the widget load. */
  async consent(): Promise<void> {
    await this.page.getByRole('button', { name: 'Continue' }).click();
  }

  /** The modal question over the whole client whether the widget may know who the person is. */
  get identityQuestion(): Locator {
    return this.page.getByRole('dialog', { name: /verify your identity/ });
  }

  /** How often the widget wanted to know who the person is, whether the client asked them or not. */
  async identityRequests(): Promise<number> {
    return Number(await this.page.evaluate('document.documentElement.dataset.identityRequests ?? 0'));
  }

  /** Answers whether the widget may know who the person is. */
  async identity(answer: 'Allow' | 'Deny', options: { remember?: boolean } = {}): Promise<void> {
    if (options.remember) await this.identityQuestion.getByRole('checkbox').check();
    await this.identityQuestion.getByRole('button', { name: answer }).click();
    await this.identityQuestion.waitFor({ state: 'detached' });
  }

  /** Lets the widget load and know who the person is, now and, unless told otherwise, later. */
  async openWidget({ remember = true } = {}): Promise<void> {
    const { asks, inDrawer } = HOSTS[this.#host];
    if (inDrawer) await this.page.getByRole('button', { name: 'Widgets' }).click();
    if (asks) {
      await this.consent();
      await this.identity('Allow', { remember });
    }
    await this.widget.button('Create token').waitFor();
  }

  /** Resolves once the page and the widget have been drawn in the new size: input before that may get lost. */
  async resize(width: number, height = 900): Promise<void> {
    await this.page.setViewportSize({ width, height });
    await this.page.evaluate(DRAWN);
    await this.widget.evaluate(DRAWN);
  }

  /** Gives the widget exactly this room, over the rest of the page; resolves once it has been drawn. */
  async resizeWidget(width: number, height: number): Promise<void> {
    await this.page.locator('.widget iframe').evaluate((iframe, size) => {
      iframe.style.cssText = `position: fixed; inset: 0 auto auto 0; z-index: 9; flex: none; border: 0; ${size}`;
    }, `width: ${width}px; height: ${height}px`);
    await this.widget.evaluate(DRAWN);
  }

  /** Sends a message in the room. */
  async send(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
    await this.page.locator('.message.own').filter({ hasText: text }).last().waitFor();
  }

  /** Sends a command; the bot's answer to it. */
  async ask(command: string): Promise<Locator> {
    const before = await this.#answers(command).count();
    await this.send(command);
    const answer = this.#answers(command).nth(before);
    await answer.waitFor();
    return answer;
  }

  async choose(setting: 'Theme' | 'Language' | 'Widget', option: string): Promise<void> {
    await this.page.getByRole('combobox', { name: setting }).selectOption(option);
  }

  #answers(command: string): Locator {
    const quote = this.page.locator('.answered', { hasText: command });
    return this.page.locator('.message:not(.own)').filter({ has: quote });
  }
}
