import type { Command } from '../command.ts';
import { renderStatus } from './statusReply.ts';

export const status: Command = {
  name: 'status',
  usage: '',
  summary: 'shows what works and what does not',
  examples: [],
  restricted: true,
  async run(_args, context) {
    return renderStatus(await context.status());
  },
};
