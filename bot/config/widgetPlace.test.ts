import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { widgetPlace } from './widgetPlace.ts';

const SETTINGS: Config['widget'] = {
  enabled: true,
  public_url: 'https://regbot.example.org',
  listen: { host: '::', port: 0 },
  layout: 'top',
  frame_ancestors: ['*'],
  openid_url: 'https://example.org',
};

test('the widget is served under the public address, or says why it is off', () => {
  expect(widgetPlace({ ...SETTINGS, public_url: 'https://x.org/bot' }, 'any')).toEqual({
    address: 'https://x.org/bot/widget/',
  });
  expect(widgetPlace({ ...SETTINGS, public_url: undefined }, 'signed')).toEqual({ off: 'widget.public_url' });
  expect(widgetPlace({ ...SETTINGS, enabled: false }, 'signed')).toEqual({ off: 'widget.enabled' });
  expect(widgetPlace(SETTINGS, 'signed')).toEqual({ off: 'bot.trust' });
});
