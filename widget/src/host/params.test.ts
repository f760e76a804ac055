import { describe, expect, test } from 'vitest';
import { readHostParams } from './params.ts';

describe('what the client says in the address', () => {
  test('as Element does: query and fragment', () => {
    const url =
      'https://bot.example/widget/?widgetId=w1&parentUrl=https%3A%2F%2Fapp.element.io%2F%23%2Froom' +
      '#/?roomId=!r%3Ax&widgetId=w1&userId=%40a%3Ax&theme=dark&lang=de-DE';
    expect(readHostParams(url)).toEqual({
      widgetId: 'w1',
      clientOrigin: 'https://app.element.io',
      theme: 'dark',
      language: 'de-DE',
    });
  });

  test('by the long names', () => {
    const url = 'https://b/widget/#/?matrix_widget_id=w&org.matrix.msc2873.client_theme=light&language=en_GB';
    expect(readHostParams(url)).toMatchObject({ widgetId: 'w', theme: 'light', language: 'en-GB' });
  });

  test('unfilled and empty variables count as missing', () => {
    const url =
      'https://b/widget/?widgetId=$matrix_widget_id#/?theme=&lang=$org.matrix.msc2873.client_language';
    expect(readHostParams(url)).toEqual({ widgetId: null, clientOrigin: null, theme: '', language: '' });
  });

  test('the embedding page stands in for a missing parentUrl', () => {
    expect(readHostParams('https://b/widget/?widgetId=w', 'https://chat.example/').clientOrigin).toBe(
      'https://chat.example',
    );
  });

  test('a parentUrl of Element Desktop, and one that is none', () => {
    expect(readHostParams('https://b/?parentUrl=vector%3A%2F%2Fvector%2Fwebapp%2F').clientOrigin).toBe(
      'vector://vector',
    );
    expect(readHostParams('https://b/?parentUrl=nonsense').clientOrigin).toBeNull();
  });
});
