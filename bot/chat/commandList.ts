import { allow, allowed, disallow } from './access/accessCommands.ts';
import type { Command } from './command.ts';
import { cancel, confirm } from './confirmation/confirmCommand.ts';
import { deleteAll } from './deletion/deleteAllCommand.ts';
import { deleteByName } from './deletion/deleteCommand.ts';
import { helpFor } from './help/helpCommand.ts';
import { status } from './status/statusCommand.ts';
import { create } from './tokens/createCommand.ts';
import { edit } from './tokens/editCommand.ts';
import { list } from './tokens/listCommand.ts';
import { show } from './tokens/showCommand.ts';
import { widget } from './widget/widgetCommand.ts';

/** In the order in which `help` shows them. */
export const COMMANDS: readonly Command[] = [
  create,
  list,
  show,
  edit,
  deleteByName,
  deleteAll,
  allow,
  disallow,
  allowed,
  status,
  widget,
  confirm,
  cancel,
  helpFor(() => COMMANDS),
];
