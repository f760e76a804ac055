// All that the bot says in the chat, in English. Other languages have the same type, so that a missing text does not
// compile.
import { ACCESS } from './access.ts';
import { COMMANDS } from './commands.ts';
import { DELETION } from './deletion.ts';
import { GENERAL } from './general.ts';
import { HELP } from './help.ts';
import { MESSAGES } from './messages.ts';
import { STATUS } from './status.ts';
import { TOKENS } from './tokens.ts';
import { WIDGET } from './widget.ts';

export const ENGLISH = {
  access: ACCESS,
  commands: COMMANDS,
  deletion: DELETION,
  general: GENERAL,
  help: HELP,
  messages: MESSAGES,
  status: STATUS,
  tokens: TOKENS,
  widget: WIDGET,
};

export type EnglishWords = typeof ENGLISH;
