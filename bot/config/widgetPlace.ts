import type { Config } from './config.ts';

/** The key of the configuration because of which the widget is off. */
export type WidgetOff = 'widget.enabled' | 'widget.public_url' | 'bot.trust';
/** Where browsers find the widget, or why it is off. */
export type WidgetPlace = { readonly address: string } | { readonly off: WidgetOff };

/** With `bot.trust: signed` there is none: signing in to it tells who somebody is, but not at which device. */
export function widgetPlace(
  { enabled, public_url }: Config['widget'],
  trust: Config['bot']['trust'],
): WidgetPlace {
  if (!enabled) return { off: 'widget.enabled' };
  if (public_url === undefined) return { off: 'widget.public_url' };
  return trust === 'signed' ? { off: 'bot.trust' } : { address: `${public_url}/widget/` };
}
