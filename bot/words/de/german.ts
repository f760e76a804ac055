// All that the bot says in the chat, in German.
import type { EnglishWords } from '../en/english.ts';
import { ACCESS } from './access.ts';
import { COMMANDS } from './commands.ts';
import { DELETION } from './deletion.ts';
import { GENERAL } from './general.ts';
import { HELP } from './help.ts';
import { MESSAGES } from './messages.ts';
import { STATUS } from './status.ts';
import { TOKENS } from './tokens.ts';
import { WIDGET } from './widget.ts';

export const GERMAN: EnglishWords = {
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
