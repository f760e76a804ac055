import type { MissingSetting } from '../../config/widgetPlace.ts';
import type { MissingPower } from '../../room-widget/widgetPlacing.ts';
import { code, command, type Inline, paragraph, type Rendered, render } from '../reply/document.ts';

/** @param address of the widget page; opened in a browser tab, it says where the widget works */
export function renderWidgetThere(address: string): Rendered {
  return render(
    paragraph(
      'The widget is in this room. If you don’t see it in Element, open the room info (ⓘ at the top right) → Extensions (“Widgets” in older versions) → Registration tokens.',
    ),
    fallback(address),
  );
}

export function renderWidgetOff(missing: MissingSetting): Rendered {
  const remedy: Inline[] =
    missing === 'widget.enabled'
      ? ['Set ', code('widget.enabled'), ' to true']
      : ['Set ', code('widget.public_url'), ' to the https address at which browsers reach the bot'];
  return render(
    paragraph(
      'The widget is off, because ',
      code(missing),
      missing === 'widget.enabled' ? ' is false' : ' is missing',
      ' in the configuration. ',
      ...remedy,
      ' and restart the bot.',
    ),
    paragraph('Everything can be done by command as well: ', command('help'), ' shows how.'),
  );
}

/** The notice about a missing power level, and where to change it. */
export function renderMissingPower(missingPower: MissingPower): Rendered {
  return render(...missingPowerParagraphs(missingPower));
}

/** The same as the answer to `widget`. */
export function renderWidgetMissingPower(missingPower: MissingPower, address: string): Rendered {
  return render(...missingPowerParagraphs(missingPower), fallback(address));
}

function missingPowerParagraphs({ of, has, needs }: MissingPower): ReturnType<typeof paragraph>[] {
  const levels = `I need power level ${needs} here, and I have ${has}.`;
  // Element names only the right to change widgets; all other state falls under “Change settings”.
  const right = of === 'widget' ? 'Modify widgets' : 'Change settings';
  const [what, then] =
    of === 'widget'
      ? [
          'I can’t put the widget with buttons and forms for registration tokens into this room:',
          'Then I put it in by myself.',
        ]
      : [
          'The widget is in this room, under Extensions in the room info, but I can’t pin it for everyone:',
          'Then I pin it by myself.',
        ];
  return [
    paragraph(`${what} ${levels}`),
    paragraph(
      `In Element, click on me in the member list (room info → People) and raise my role to level ${needs}; or open the room settings → Roles & Permissions and lower “${right}” to ${has}. ${then}`,
    ),
  ];
}

function fallback(address: string): ReturnType<typeof paragraph> {
  return paragraph(
    'Its address is ',
    code(address),
    '; in a browser tab of its own, that page only explains where it works. Every command does the same without it.',
  );
}
