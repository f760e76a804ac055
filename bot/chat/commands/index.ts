import type { Command } from '../command.ts';
import { allow, allowed, disallow } from './access.ts';
import { cancel, confirm } from './confirm.ts';
import { create } from './create.ts';
import { deleteTokens } from './delete.ts';
import { deleteAll } from './deleteAll.ts';
import { edit } from './edit.ts';
import { helpFor } from './help.ts';
import { list } from './list.ts';
import { show } from './show.ts';
import { status } from './status.ts';
import { widget } from './widget.ts';

/** In the order in which `help` shows them. */
export const COMMANDS: readonly Command[] = [
  create,
  list,
  show,
  edit,
  deleteTokens,
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
