// What every browser test begins with: a homeserver, the bot with its widget, the client page, and a browser.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { type ClientPageServer, serveClientPage, writeLink } from '../../client/clientPage.ts';
import type { Settings, TestBot } from '../../harness/bot.ts';
import { freePort } from '../../harness/freePort.ts';
import type { Person } from '../../harness/person.ts';
import { Conversation, Scene } from '../../harness/scene.ts';
import type { SynapseOptions } from '../../harness/synapse.ts';
import type { RegisteredUser } from '../../harness/users.ts';
import { launchChromium } from './chromium.ts';
import { ClientPage } from './clientPage.ts';

const FAILURES = resolve(import.meta.dirname, '..', '..', '..', '.cache', 'browser-failures');
/** For everything that is waited for in a page (ms). */
const PATIENCE_MS = 15_000;

export interface Visitor {
  /** What the homeserver tells the person, without a browser. */
  person: Person;
  chat: Conversation;
  context: BrowserContext;
  client: ClientPage;
}

export class BrowserScene implements AsyncDisposable {
  readonly scene: Scene;
  readonly publicUrl: string;
  readonly browser: Browser;
  readonly #pages: ClientPageServer;
  readonly #account: RegisteredUser;
  readonly #settings: Settings;
  #bot: TestBot | undefined;

  private constructor(
    scene: Scene,
    parts: { pages: ClientPageServer; browser: Browser; account: RegisteredUser; settings: Settings },
  ) {
    this.scene = scene;
    this.#pages = parts.pages;
    this.browser = parts.browser;
    this.#account = parts.account;
    this.#settings = parts.settings;
    this.publicUrl = parts.settings.WIDGET_PUBLIC_URL ?? '';
  }

  static async start(settings: Settings = {}, synapse: SynapseOptions = {}): Promise<BrowserScene> {
    const [scene, pages, browser, port] = await Promise.all([
      Scene.start(synapse),
      serveClientPage(),
      launchChromium(),
      freePort(),
    ]);
    const account = await scene.botAccount();
    const widget = { WIDGET_PUBLIC_URL: `http://localhost:${port}`, WIDGET_LISTEN: `127.0.0.1:${port}` };
    const stage = new BrowserScene(scene, { pages, browser, account, settings: { ...widget, ...settings } });
    await stage.startBot();
    return stage;
  }

  get bot(): TestBot {
    if (this.#bot === undefined) throw new Error('The bot does not run.');
    return this.#bot;
  }

  async startBot(): Promise<void> {
    const settings = this.#settings;
    this.#bot = await this.scene.startBot(
      this.#account,
      this.#bot === undefined ? { settings } : { settings, dataDir: this.#bot.dataDir },
    );
  }

  async stopBot(): Promise<void> {
    await this.scene.stopBot(this.bot);
  }

  /** Somebody with a direct room with the bot, open in a browser of their own. */
  async visitor(localpart: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const person = await this.scene.person(localpart);
    const chat = await Conversation.start(person, this.bot.userId);
    return await this.visit(person, chat, options);
  }

  async visit(person: Person, chat: Conversation, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await this.context(options);
    const client = await ClientPage.open(context, this.linkFor(person, chat.roomId), this.publicUrl);
    return { person, chat, context, client };
  }

  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  linkFor(person: Person, roomId: string): string {
    const { userId: user, accessToken: token } = person;
    return (
      this.#pages.address + writeLink({ homeserver: this.scene.synapse.baseUrl, user, token, room: roomId })
    );
  }

  /** Pictures of all open pages, for a test that failed. */
  async keepPictures(name: string): Promise<void> {
    mkdirSync(FAILURES, { recursive: true });
    const pages = this.browser.contexts().flatMap((context) => context.pages());
    const base = name.replaceAll(/[^\w]+/g, '-').slice(0, 80);
    for (const [index, page] of pages.entries()) {
      await page.screenshot({ path: join(FAILURES, `${base}-${index}.png`) }).catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.#pages.close();
    await this.scene[Symbol.asyncDispose]();
  }
}
