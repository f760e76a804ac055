// Commands in the chat.
import type { Entry } from './entry.ts';

const kind = 'invalid_input';

export const COMMAND_PROBLEMS = {
  option_given_twice: {
    kind,
    cause: ({ option }: { option: string }) => `${option}= is given twice.`,
    remedy: 'Give it once.',
  },
  option_without_value: {
    kind,
    cause: ({ option }: { option: string }) => `${option}= has no value.`,
    remedy: 'Write it without a space after the =.',
  },
  option_not_here: {
    kind,
    cause: ({ option }: { option: string }) => `This command has no options: remove ${option}=.`,
    remedy: '',
  },
  option_misspelt: {
    kind,
    cause: ({ option }: { option: string }) => `There is no option ${option}=.`,
    remedy: ({ near }: { near: string }) => `Did you mean ${near}=?`,
  },
  option_unknown: {
    kind,
    cause: ({ option }: { option: string }) => `There is no option ${option}=.`,
    remedy: ({ known }: { known: string }) => `The options are ${known}.`,
  },
  uses_unreadable: {
    kind,
    cause: ({ text }: { text: string }) => `uses=${text} is not a number of uses.`,
    remedy: 'Write a whole number such as uses=3, or uses=unlimited.',
  },
  expiry_unreadable: {
    kind,
    cause: ({ text }: { text: string }) => `expires=${text} is not a time.`,
    remedy: 'Write a duration (expires=12h, 7d, 2w), a date (expires=2026-12-31, in UTC) or expires=never.',
  },
  number_unreadable: {
    kind,
    cause: ({ what, text }: { what: 'page' | 'count'; text: string }) =>
      `${what === 'page' ? 'The page' : 'count'} must be a whole number from 1, not ${text}.`,
    remedy: '',
  },
  name_with_spaces: {
    kind,
    cause: ({ text }: { text: string }) => `“${text}” is more than one name.`,
    remedy: 'A token has no spaces. For several tokens write count=N.',
  },
  name_like_option: {
    kind,
    cause: ({ word }: { word: string }) => `A token called ${word}?`,
    remedy: ({ option, word }: { option: string; word: string }) =>
      `For ${option}= write \`create ${option}=${word}\`; for the name \`create token=${word}\`.`,
  },
  token_not_named: {
    kind,
    cause: 'Which token?',
    remedy: ({ command }: { command: string }) =>
      `Write for example \`${command} abcdef123456\`; \`list\` shows them all.`,
  },
  edit_without_token: {
    kind,
    cause: 'Which token?',
    remedy: 'Write for example `edit abcdef123456 uses=3`.',
  },
  edit_of_several: {
    kind,
    cause: 'One token at a time can be changed.',
    remedy: 'Write what to change as uses=… or expires=…',
  },
  too_many_named: {
    kind,
    cause: ({ most }: { most: number }) => `At most ${most} tokens can be named at once.`,
    remedy: 'Use several messages, or `delete-all`.',
  },
  too_many_shown: {
    kind,
    cause: ({ most }: { most: number }) => `At most ${most} tokens can be shown at once.`,
    remedy: '',
  },
  scope_unknown: {
    kind,
    cause: ({ words }: { words: string }) => `I can’t delete “${words}” at once.`,
    remedy: 'Write `delete-all`, `delete-all expired` or `delete-all used`. Single tokens: `delete TOKEN`.',
  },
  filter_unknown: {
    kind,
    cause: ({ word }: { word: string }) => `I can’t list “${word}”.`,
    remedy: 'Write `list`, `list valid`, `list expired` or `list used`, and a page number if you like.',
  },
  nobody_named: {
    kind,
    cause: 'Whom?',
    remedy: ({ command }: { command: string }) =>
      `Write a user ID or a pattern, for example \`${command} @alice:example.org\`.`,
  },
  nothing_to_confirm: {
    kind: 'refused',
    cause: 'There is nothing to confirm.',
    remedy: 'Only `delete` and `delete-all` ask for confirmation, and the last `disallow`.',
  },
  question_of_another: {
    kind: 'refused',
    cause: ({ requester }: { requester: string }) => `Only ${requester} can answer that question.`,
    remedy: 'Ask them, or send the command yourself.',
  },
  question_closed: {
    kind: 'refused',
    cause: 'That question was answered already, or it has expired.',
    remedy: 'Send the command again if you still want it.',
  },
} as const satisfies Record<string, Entry>;
