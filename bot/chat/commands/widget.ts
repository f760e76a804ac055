import type { Command } from '../command.ts';
import { renderText } from '../render/document.ts';

export const widget: Command = {
  name: 'widget',
  usage: '',
  summary: 'puts the widget (back) into this room',
  examples: [],
  restricted: true,
  async run() {
    return renderText(
      'The widget is off: this version of the bot has none yet. Everything can be done by command, see `help`.',
    );
  },
};
