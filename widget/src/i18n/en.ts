// All texts of the widget. Other languages must have the same type.
import type { FindingCode } from '../../../common/api.ts';

const n = (value: number): string => new Intl.NumberFormat('en').format(value);
const tokens = (count: number): string => (count === 1 ? '1 token' : `${n(count)} tokens`);
const people = (count: number): string => (count === 1 ? '1 person is' : `${n(count)} people are`);

export const en = {
  title: 'Registration tokens',
  nav: { label: 'Sections', tokens: 'Tokens', access: 'Access', status: 'Status' },
  loading: 'Loading…',
  retry: 'Try again',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  saving: 'Saving…',
  delete: 'Delete',
  edit: 'Edit',
  remove: 'Remove',

  state: { active: 'Valid', pending: 'In use', used: 'Used up', expired: 'Expired', revoked: 'Revoked' },
  stateHint: {
    active: 'Can be used to register',
    pending: 'All uses are taken by people who are registering right now',
    used: 'All uses are taken',
    expired: 'Too late to register with it',
    revoked: 'Was revoked',
  },

  list: {
    label: 'Registration tokens',
    filters: 'Show',
    all: 'All',
    filterName: (state: string, count: number) => `${state}: ${tokens(count)}`,
    search: 'Search tokens',
    sort: 'Sort by',
    sorts: {
      changed: 'Newest first',
      token: 'Token, A–Z',
      expiry_time: 'Expires soonest',
      completed: 'Most used',
    },
    shown: (count: number) => `${tokens(count)} shown`,
    select: (token: string) => `Select ${token}`,
    selectAll: 'Select all',
    selected: (count: number) => `${n(count)} selected`,
    clearSelection: 'Deselect',
    deleteSelected: 'Delete…',
    editToken: (token: string) => `Edit ${token}`,
    deleteToken: (token: string) => `Delete ${token}`,
    deleting: 'Deleting…',
    empty: 'No tokens yet',
    emptyHint: 'Create one and send it to the person you want to invite. They enter it when they register.',
    nothingFound: 'No token matches',
    nothingFoundHint: 'Try another search, or show tokens in every state.',
    showAll: 'Show all tokens',
    failed: 'The tokens could not be loaded',
  },

  uses: {
    unlimited: 'unlimited',
    of: (completed: number, limit: number) => `${n(completed)} of ${n(limit)} used`,
    ofUnlimited: (completed: number) => `${n(completed)} used, no limit`,
    pending: (count: number) => `${n(count)} registering`,
  },
  expiry: {
    never: 'Never expires',
    expires: (relative: string) => `Expires ${relative}`,
    expired: (relative: string) => `Expired ${relative}`,
  },

  copy: {
    copy: 'Copy',
    copyToken: (token: string) => `Copy ${token}`,
    copyAll: (count: number) => `Copy ${tokens(count)}`,
    done: 'Copied',
    announced: (token: string) => `Copied ${token}`,
    announcedMany: (count: number) => `Copied ${tokens(count)}`,
    blocked: 'Your browser doesn’t let this page copy. The token is selected: press Ctrl+C or ⌘C.',
  },

  create: {
    quick: 'Create token',
    creating: 'Creating…',
    more: 'More options…',
    title: 'Create tokens',
    submit: (count: number) => (count === 1 ? 'Create token' : `Create ${tokens(count)}`),
    ready: (count: number, of: number) =>
      of === 1
        ? 'Your token is ready'
        : `${count === of ? '' : `${n(count)} of `}${tokens(of)} ${count === 1 ? 'is' : 'are'} ready`,
    readyHint: (count: number): string =>
      count === 1 ? 'Send it to the person you want to invite.' : 'Send each person one of them.',
    registering: (count: number) => `Somebody is registering with ${count === 1 ? 'it' : 'them'}`,
    over: (count: number, state: string) =>
      count === 1 ? `Your token is ${state}` : `Your ${tokens(count)} are ${state}`,
    deleted: 'Deleted',
    invalid: 'no longer valid',
    partly: (count: number) => `Only ${tokens(count)} could be created.`,
    failed: 'The token could not be created.',
    dismiss: 'Done',
  },

  form: {
    uses: 'For how many people?',
    usesOne: 'One',
    usesNumber: 'A number',
    usesUnlimited: 'Any number',
    usesField: 'Number of uses',
    expiry: 'Until when?',
    expiryKeep: 'As it is',
    expiry1d: '1 day',
    expiry7d: '7 days',
    expiry30d: '30 days',
    expiryNever: 'Never expires',
    expiryAt: 'Date and time',
    expiryField: 'Expires on',
    token: 'Your own token (optional)',
    tokenHint: 'Empty: a random one. Possible: A–Z a–z 0–9 .\u00a0_\u00a0~\u00a0-',
    tokenOk: (left: number) => `Looks good; ${n(left)} more characters possible.`,
    count: 'How many tokens?',
    countHint: 'Up to 50, each random.',
    errors: {
      uses: 'Enter a whole number from 1 to 2,147,483,647.',
      expiryMissing: 'Choose a date and a time.',
      expiryPast: 'Choose a time in the future.',
      tokenCharacters: 'Only A–Z a–z 0–9 . _ ~ - are possible.',
      tokenLong: 'At most 64 characters are possible.',
      tokenDots: 'One or two dots alone can’t be a token.',
      count: 'Enter a whole number from 1 to 50.',
    },
  },

  editing: {
    title: 'Edit token',
    pending: (count: number) =>
      `${people(count)} registering right now and can finish, whatever you change here.`,
    noneLeft: 'With this limit nobody else can use the token.',
    left: (count: number) => `${n(count)} more ${count === 1 ? 'person' : 'people'} can register.`,
    conflict: 'Somebody else changed this token in the meantime.',
    conflictHint: 'The form now shows the current values. Check them, then save again.',
    gone: 'Somebody else deleted this token in the meantime.',
    saved: 'Saved',
    failed: 'The change was not saved.',
    nothing: 'Nothing was changed.',
  },

  deleting: {
    title: (count: number) => (count === 1 ? 'Delete this token?' : `Delete ${tokens(count)}?`),
    hint: (count: number) =>
      `Nobody can register with ${count === 1 ? 'it' : 'them'} afterwards. Accounts that were made with ${count === 1 ? 'it' : 'them'} stay.`,
    pending: (count: number) => `${people(count)} registering right now.`,
    more: (count: number) => `and ${n(count)} more`,
    submit: (count: number) => (count === 1 ? 'Delete' : `Delete ${n(count)}`),
    done: (count: number) => `${tokens(count)} deleted`,
    alreadyGone: (count: number) => `${tokens(count)} had been deleted by somebody else already.`,
    failed: (count: number) => `${tokens(count)} could not be deleted.`,
    limit: 'At most 1,000 tokens can be deleted at once: the first 1,000 are selected.',
  },

  access: {
    title: 'Who may manage tokens',
    openTitle: (server: string) => `Everybody on ${server} may manage tokens`,
    openHint:
      'The list is empty, so everyone with an account on this homeserver may manage tokens. Once you allow somebody ' +
      'below, only people on the list may; you are added too.',
    closedTitle: 'Nobody is allowed yet',
    closedHint: 'By default, the bot’s configuration allows nobody.',
    named: 'Only people on this list may manage tokens.',
    add: 'Allow somebody',
    pattern: 'User ID or pattern',
    patternHint: (server: string) => `For example @friend:${server}, or @.*:${server} for everybody there.`,
    addButton: 'Allow',
    adding: 'Adding…',
    fromConfig: 'Configuration',
    fromConfigHint: 'Set in the bot’s configuration file; change it there.',
    fromCommand: 'Added',
    addedBy: (who: string, when: string) => `by ${who}, ${when}`,
    removeName: (pattern: string) => `Remove ${pattern}`,
    removeTitle: 'Remove this access?',
    removeHint: 'Whoever matches only this entry can no longer manage tokens.',
    removeLast: (server: string) =>
      `This is the last entry. Without it, everybody on ${server} may manage tokens.`,
    added: (patterns: string) => `Allowed: ${patterns}`,
    already: (patterns: string) => `Already on the list: ${patterns}`,
    alsoAdded: (user: string) => `${user} was added too, so that you keep your access.`,
    removed: (pattern: string) => `Removed: ${pattern}`,
    failed: 'The list could not be loaded',
    notAdded: 'Nothing was added.',
    notRemoved: 'Nothing was removed.',
  },

  status: {
    title: 'What works and what does not',
    reload: 'Check again',
    checking: 'Checking…',
    allWell: 'Everything works.',
    problems: (count: number) =>
      count === 1 ? '1 thing needs your attention.' : `${n(count)} things need your attention.`,
    state: { ok: 'Works', problem: 'Problem', note: 'Note' },
    failed: 'The status could not be read',
    /** Translations; empty here, because the bot's texts are English. */
    about: {} as Partial<Record<string, string>>,
    findings: {} as Partial<Record<FindingCode, string>>,
  },

  live: {
    lost: 'No connection to the bot. What you see may be out of date.',
    ended: 'Your session has ended. What you see may be out of date.',
    retry: 'Connect now',
    back: 'Connected again',
  },

  page: {
    connecting: 'Connecting to the bot…',
    consent:
      'Your client may ask whether you want to share who you are. The bot uses this to check that you may manage tokens.',
    declined: 'The bot doesn’t know who you are',
    declinedHint:
      'Your client was not allowed to tell the bot your user ID. It is used only to check that you may manage ' +
      'registration tokens: no password and no messages are shared.',
    declinedRetry: 'Ask again',
    silent: 'Your client doesn’t answer',
    silentHint:
      'The widget could not find out who you are. Close it and open it again, or use the bot’s commands instead.',
    refused: 'The bot could not check who you are',
    refusedHint: 'Only users of the bot’s own homeserver can use this widget.',
    notAllowed: 'You may not manage tokens',
    notAllowedHint: 'Ask somebody who may to allow you: they send the bot “allow”, followed by your user ID.',
    withdrawn: 'You may no longer manage tokens',
    withdrawnHint: 'Somebody removed your access while this page was open.',
    unreachable: 'The bot can’t be reached',
    unreachableHint: 'It may be restarting. This page retries automatically.',
    plain: 'This page belongs in your Matrix client',
    plainHint:
      'Here you manage registration tokens with buttons and forms, right beside your chat with the bot. To open it:',
    plainSteps: [
      'Open your direct chat with the bot in Element, on the web or on the desktop.',
      'Send the message “widget” if it isn’t at the top of the chat already.',
      'Choose “Continue” when Element asks whether to load it and to share who you are.',
    ] as readonly string[],
    plainOther: 'With any other client, everything works with commands as well: send the bot “help”.',
  },

  problems: {
    offline: 'The bot can’t be reached at the moment. Try again in a little while.',
    unknown: 'Something unexpected went wrong. Try again.',
    identity_declined: 'The bot doesn’t know who you are.',
    client_silent: 'Your client doesn’t answer.',
    session_ended: 'Your session has ended.',
    conflict: 'Somebody else changed this in the meantime.',
  } as Partial<Record<string, string>>,
};

export type Texts = typeof en;
