// The set-up of most suites: a homeserver, its token API without the bot, bots, and people at their clients.
import type { TokenFacts } from '../../common/token.ts';
import { Person } from './person.ts';
import type { PersonOptions } from './personClient.ts';
import { type Proxy as FaultyProxy, startProxy } from './proxy.ts';
import { type BotOptions, RestartableBot } from './restartableBot.ts';
import { type Synapse, type SynapseOptions, startSynapse } from './synapse.ts';
import { SynapseAdmin } from './synapseAdmin.ts';
import type { Credentials, RegisteredUser } from './users.ts';

/** Without `account`: with a new one, of a server admin. */
export type NewBotOptions = Partial<BotOptions> & { localpart?: string };

export class TestServer implements AsyncDisposable {
  readonly #options: SynapseOptions;
  readonly #bots: AsyncDisposable[] = [];
  readonly #proxies: AsyncDisposable[] = [];
  readonly #people: Person[] = [];
  #synapse: Synapse | undefined;
  #admin: SynapseAdmin | undefined;

  constructor(options: SynapseOptions = {}) {
    this.#options = options;
  }

  static async start(options: SynapseOptions = {}): Promise<TestServer> {
    const server = new TestServer(options);
    await server.start();
    return server;
  }

  /** The first start; for later ones there is `synapse`. */
  async start(): Promise<void> {
    this.#synapse = await startSynapse(this.#options);
    const owner = await this.#synapse.registerUser('owner', undefined, { admin: true });
    this.#admin = new SynapseAdmin(this.#synapse.baseUrl, owner.accessToken);
  }

  get synapse(): Synapse {
    if (this.#synapse === undefined) throw new Error('The server was not started yet.');
    return this.#synapse;
  }

  /** Of a server admin. */
  get admin(): SynapseAdmin {
    if (this.#admin === undefined) throw new Error('The server was not started yet.');
    return this.#admin;
  }

  get baseUrl(): string {
    return this.synapse.baseUrl;
  }

  get serverName(): string {
    return this.synapse.serverName;
  }

  /** What the server has, in the order of their names. */
  async tokens(): Promise<TokenFacts[]> {
    const tokens = await this.admin.listTokens();
    return tokens.sort((a, b) => (a.token < b.token ? -1 : 1));
  }

  async tokenNames(): Promise<string[]> {
    return (await this.tokens()).map(({ token }) => token);
  }

  /** A new account for a bot, of a server admin. */
  async botAccount(localpart?: string): Promise<RegisteredUser> {
    const count = this.#bots.length;
    const name = localpart ?? (count === 0 ? 'regbot' : `regbot${count}`);
    return await this.synapse.registerUser(name, undefined, { admin: true });
  }

  /** A bot that is not started yet. */
  async bot({ localpart, ...options }: NewBotOptions = {}): Promise<RestartableBot> {
    const account = options.account ?? (await this.botAccount(localpart));
    const bot = await RestartableBot.make(this.baseUrl, { ...options, account });
    this.#bots.push(bot);
    return bot;
  }

  async startBot(options: NewBotOptions = {}): Promise<RestartableBot> {
    const bot = await this.bot(options);
    await bot.start();
    return bot;
  }

  /** In front of this server, for whatever is not a bot of its own. */
  async proxy(): Promise<FaultyProxy> {
    const proxy = await startProxy(this.baseUrl);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** A person with a new account, at their client. */
  async person(localpart: string, options: PersonOptions = {}): Promise<Person> {
    return await this.atClient(await this.synapse.registerUser(localpart), options);
  }

  /** A person with an existing account, at a new client. */
  async atClient(user: Credentials, options: PersonOptions = {}): Promise<Person> {
    const person = await Person.withCredentials(this.baseUrl, user, options);
    this.#people.push(person);
    return person;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const person of this.#people) person.stop();
    await Promise.all(this.#bots.map((bot) => bot[Symbol.asyncDispose]()));
    await Promise.all(this.#proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
    await this.#synapse?.dispose();
  }
}
