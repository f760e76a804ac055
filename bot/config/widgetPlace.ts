import type { Config } from './config.ts';

export type MissingSetting = 'widget.enabled' | 'widget.public_url';
/** Where browsers find the widget, or the key of the configuration without which it is off. */
export type WidgetPlace = { readonly address: string } | { readonly missing: MissingSetting };

export function widgetPlace({ enabled, public_url }: Config['widget']): WidgetPlace {
  if (!enabled) return { missing: 'widget.enabled' };
  return public_url === undefined ? { missing: 'widget.public_url' } : { address: `${public_url}/widget/` };
}
