// Renders docs/commands.md from the English texts of the commands and the texts below.
import type { CommandName, CommandWords } from '../../words/en/commands.ts';
import { ENGLISH } from '../../words/en/english.ts';
import { COMMANDS } from '../commandList.ts';

interface Chapter {
  readonly title: string;
  /** By name, in the order of the page. */
  readonly commands: readonly CommandName[];
  /** Markdown. */
  readonly text: string;
}

/** The whole of docs/commands.md. */
export function renderCommandsDoc(): string {
  const chapters = CHAPTERS.map(({ title, commands, text }) =>
    [`## ${title}`, ...commands.map(renderCommand), text].filter((part) => part !== '').join('\n\n'),
  );
  return `${[INTRODUCTION, ...chapters].join('\n\n')}\n`;
}

/** A command with its arguments, as people write it. */
export function commandLine(name: CommandName): string {
  const { usage } = ENGLISH.commands[name];
  return usage === '' ? name : `${name} ${usage}`;
}

/** @throws Error if there is no such command, or one that no chapter has */
function renderCommand(name: CommandName): string {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw new Error(`There is no command ${name}: see CHAPTERS.`);
  const { summary, examples } = ENGLISH.commands[name];
  const open = command.restricted ? '' : ' Open to everyone.';
  const line = `\`\`\`\n${commandLine(name)}\n\`\`\``;
  const parts = [`### ${name}`, `${capital(summary)}.${open}`, line];
  if (examples.length > 0) parts.push(exampleTable(examples));
  return parts.join('\n\n');
}

function exampleTable(examples: CommandWords['examples']): string {
  const rows = examples.map(({ line, does }) => `| \`${line}\` | ${does} |`);
  return ['| For example | |', '| --- | --- |', ...rows].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const INTRODUCTION = `<!-- Made by scripts/write-docs.ts from bot/words and bot/chat; change it there. -->

# Commands

In the chat, \`help\` lists the commands, and \`help create\` explains one. Below, \`[…]\` is optional, \`|\` separates
alternatives, and \`…\` after a word means one or more.

## How the bot is addressed

- In a direct room, with one person and the bot, every text message is a command. The prefix (\`bot.prefix\`) may stand
  before it.
- In a room with more members, the message has to begin with the prefix or with the bot's name, or has to mention the
  bot.
- The first word is the command, in upper or lower case. Long dashes, which phones insert, count as hyphens.
- An unknown command gets one hint, and then none until the next command. Notices, which bots send, and edits of a
  message are not answered.
- Replies refer to the command, in its thread if it was in one. Times are in UTC.
- A command that was sent before the bot joined the room is answered as well.
- In encrypted rooms everything works the same: see [encryption.md](encryption.md).

All commands but \`help\` need access. Error messages are explained in
[troubleshooting.md](troubleshooting.md#commands).`;

const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Making tokens',
    commands: ['create'],
    text: `- Without a name the bot makes up a token of letters and digits (\`tokens.length\` of them, 16 unless configured).
- A name of your own has 1 to 64 characters of \`A–Z a–z 0–9 . _ ~ -\`. It must not exist yet. Write \`token=\` before
  a name that looks like an option: \`create token=7d\`.
- \`uses=\` is a whole number from 1, or \`unlimited\`. Default: \`tokens.default_uses\`, one. 0 is refused: Synapse lets people
  register with such a token without limit.
- \`expires=\` is a duration (\`90s\`, \`12h\`, \`7d\`, \`2w\`, \`1d12h\`), a date (the end of that day), a time
  (\`2026-12-31T18:00\`, UTC unless it ends in an offset) or \`never\`. Default: \`tokens.default_expiry\`, seven days.
- \`count=\` makes up to 50 tokens at once.
- Have people copy the token when they register: for one that is wrong, used up or expired, Element's form shows no error.
  \`show TOKEN\` says what is the matter with it.`,
  },
  {
    title: 'Looking',
    commands: ['list', 'show'],
    text: `\`list\` shows 20 tokens a page, those last created or changed through the bot first, and counts all by state:

| State | Means |
| --- | --- |
| valid | somebody can register with it |
| in use | all uses are taken, some by people in the middle of registering; it comes back if they don't finish within 48 hours |
| used up | all uses are taken |
| expired | its time is over |
| revoked | it was taken back, by a backend that revokes instead of deleting |

\`list valid\` includes those in use. \`show\` takes up to 20 tokens.`,
  },
  {
    title: 'Changing',
    commands: ['edit'],
    text: '`uses=` includes the uses already taken. An option that is left out stays unchanged.',
  },
  {
    title: 'Deleting',
    commands: ['delete', 'delete-all', 'confirm', 'cancel'],
    text: `The bot shows what would be deleted (50 at most by name), and reacts to its own message with ✅ and ❌.

- Only the person who asked can answer: by one of the reactions, or by sending \`confirm\` or \`cancel\`. Both
  answer the question that they reply to, or the latest one.
- The answer counts once, within \`confirm_timeout\` (5 minutes), and only while that person still has access.
- The tokens are read again before they are deleted. The outcome lists those that have changed. Tokens created
  after the question are never deleted. \`delete-all expired\` keeps a token that is not expired any more, and
  \`delete-all used\` one that is not used up any more.
- The question is then edited to show the outcome and who confirmed, and the bot takes its reactions back. Open
  questions survive a restart of the bot.

Accounts made with a token stay when it is deleted.`,
  },
  {
    title: 'Access',
    commands: ['allow', 'disallow', 'allowed'],
    text: `A pattern is a user ID, or a regular expression (RE2 syntax) that has to match a whole user ID. In
\`@.*:example.org\` the server's name is literal.

- The first \`allow\` also allows its sender. Nobody can take away their own access.
- If one pattern of a message is invalid, nothing is changed.
- Patterns of \`access.allow\` in the configuration can't be removed by command.
- Once the last pattern is removed, \`access.default\` decides again. If that gives access to everybody on the homeserver,
  \`disallow\` asks first, as deletions do, and looks at the list again before it changes anything.
- Guests, and users of bridges (\`access.deny\` in the configuration), have access only if exactly their user ID is
  allowed: neither \`access.default\` nor a regular expression stands for them.`,
  },
  {
    title: 'The rest',
    commands: ['status', 'widget', 'help'],
    text: `\`status\` reports on the homeserver, the token API and the rights for it, whether registration asks for a token, who may
use the bot, its encryption and identity, and the widget. The widget: [widget.md](widget.md).`,
  },
];
