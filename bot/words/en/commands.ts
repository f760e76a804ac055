interface CommandExample {
  readonly line: string;
  readonly does: string;
}

/** What `help` says about a command. */
export interface CommandWords {
  /** Its arguments. */
  readonly usage: string;
  /** One line: what it does. */
  readonly summary: string;
  readonly examples: readonly CommandExample[];
}

export type CommandName =
  | 'create'
  | 'list'
  | 'show'
  | 'edit'
  | 'delete'
  | 'delete-all'
  | 'allow'
  | 'disallow'
  | 'allowed'
  | 'status'
  | 'widget'
  | 'confirm'
  | 'cancel'
  | 'help';

export const COMMANDS: Readonly<Record<CommandName, CommandWords>> = {
  create: {
    usage: '[TOKEN] [uses=N|unlimited] [expires=7d|never|2026-12-31] [count=N]',
    summary: 'makes a registration token',
    examples: [
      { line: 'create', does: 'one use, seven days' },
      { line: 'create uses=5 expires=2w', does: 'five uses, two weeks' },
      {
        line: 'create summer-party uses=unlimited expires=2026-12-31',
        does: 'a token of your own, until the end of that day (UTC)',
      },
      { line: 'create count=10', does: 'ten tokens at once' },
    ],
  },
  list: {
    usage: '[valid|expired|used] [page]',
    summary: 'shows the tokens, newest first',
    examples: [
      { line: 'list', does: 'all of them' },
      { line: 'list valid', does: 'those that somebody can still register with' },
      { line: 'list used 2', does: 'the second page of those used up' },
    ],
  },
  show: {
    usage: 'TOKEN…',
    summary: 'shows all there is to know of one or more tokens',
    examples: [{ line: 'show abcdef123456', does: 'uses left, completed, pending, expiry' }],
  },
  edit: {
    usage: 'TOKEN [uses=N|unlimited] [expires=7d|never|2026-12-31]',
    summary: 'changes how often and how long a token can be used',
    examples: [
      { line: 'edit abcdef123456 uses=3', does: 'three uses in all, those already taken included' },
      { line: 'edit abcdef123456 expires=14d', does: 'two weeks from now' },
    ],
  },
  delete: {
    usage: 'TOKEN…',
    summary: 'deletes one or more tokens, after you confirmed',
    examples: [
      {
        line: 'delete abcdef123456',
        does: 'nobody can register with it any more; accounts made with it stay',
      },
    ],
  },
  'delete-all': {
    usage: '[expired|used]',
    summary: 'deletes all tokens, or all expired or used up ones, after you confirmed',
    examples: [
      { line: 'delete-all expired', does: 'tidies up' },
      { line: 'delete-all', does: 'takes back every token there is' },
    ],
  },
  allow: {
    usage: 'PATTERN…',
    summary: 'lets people manage tokens',
    examples: [
      { line: 'allow @alice:example.org', does: 'one person' },
      {
        line: 'allow @.*:example.org',
        does: 'everybody on a server (a regular expression that matches the whole user ID)',
      },
    ],
  },
  disallow: {
    usage: 'PATTERN…',
    summary: 'takes that back',
    examples: [{ line: 'disallow @alice:example.org', does: 'exactly as it was allowed' }],
  },
  allowed: { usage: '', summary: 'shows who may manage tokens, and why', examples: [] },
  status: { usage: '', summary: 'shows what works and what does not', examples: [] },
  widget: {
    usage: '',
    summary: 'puts the widget (back) into this room, or says what is missing for that',
    examples: [],
  },
  confirm: { usage: '', summary: 'answers the open question with yes, like ✅', examples: [] },
  cancel: { usage: '', summary: 'answers the open question with no, like ❌', examples: [] },
  help: {
    usage: '[command]',
    summary: 'explains the commands',
    examples: [{ line: 'help create', does: 'all about one command' }],
  },
};
