import { retryTransient } from '../../tokens/request.ts';
import type { Command } from '../command.ts';
import { renderWidgetMissingPower, renderWidgetOff, renderWidgetThere } from './widgetReply.ts';

export const widget: Command = {
  name: 'widget',
  restricted: true,
  async run(_args, { roomId, widgets, request, words }) {
    const { where } = widgets;
    if ('off' in where) return renderWidgetOff(words, where.off);
    const outcome = await retryTransient(() => widgets.put(roomId), request.retries);
    return typeof outcome === 'object'
      ? renderWidgetMissingPower(words, outcome, where.address)
      : renderWidgetThere(words, outcome === 'unchanged', where.address);
  },
};
