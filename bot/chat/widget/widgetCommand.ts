import { retryTransient } from '../../tokens/request.ts';
import type { Command } from '../command.ts';
import { renderWidgetMissingPower, renderWidgetOff, renderWidgetThere } from './widgetReply.ts';

export const widget: Command = {
  name: 'widget',
  usage: '',
  summary: 'puts the widget (back) into this room, or says what is missing for that',
  examples: [],
  restricted: true,
  async run(_args, { roomId, widgets, request }) {
    const { where } = widgets;
    if ('missing' in where) return renderWidgetOff(where.missing);
    const outcome = await retryTransient(() => widgets.put(roomId), request.retries);
    return outcome === undefined
      ? renderWidgetThere(where.address)
      : renderWidgetMissingPower(outcome, where.address);
  },
};
