import { code, command, type Inline, say } from '../inline.ts';

export const WIDGET = {
  /** In the client, before the server's name. */
  name: 'Registration tokens',
  putBack: 'I put the widget into this room.',
  wasThere: 'The widget is in this room.',
  whereToFind:
    'In Element: room info (ⓘ at the top right) → Extensions (“Widgets” in older versions) → Registration tokens. In other clients: look in the room’s menu for widgets or apps.',
  address: (address: string): Inline[] =>
    say`Its address is ${code(address)}; in a browser tab of its own, that page only explains where it works. Every command does the same without it.`,
  off: {
    'widget.enabled': say`The widget is off, because ${code('widget.enabled')} is false in the configuration. Set ${code('widget.enabled')} to true and restart the bot.`,
    'widget.public_url': say`The widget is off, because ${code('widget.public_url')} is missing in the configuration. Set ${code('widget.public_url')} to the https address at which browsers reach the bot and restart the bot.`,
    'bot.trust': say`The widget is off, because ${code('bot.trust')} is ${code('signed')} in the configuration: signing in to the widget proves no device.`,
  },
  commandsDoTheSame: say`Everything can be done by command as well: ${command('help')} shows how.`,
  /** @param of what the power level is needed for */
  cannot: (of: 'widget' | 'layout', needs: number, has: number) => {
    const levels = `I need power level ${needs} here, and I have ${has}.`;
    return of === 'widget'
      ? `I can’t put the widget with buttons and forms for registration tokens into this room: ${levels}`
      : `The widget is in this room, under Extensions in the room info, but I can’t pin it for everyone: ${levels}`;
  },
  /** Element names only the right to change widgets; all other state falls under “Change settings”. */
  raise: (of: 'widget' | 'layout', needs: number, has: number) => {
    const right = of === 'widget' ? 'Modify widgets' : 'Change settings';
    const then = of === 'widget' ? 'Then I put it in by myself.' : 'Then I pin it by myself.';
    return `In Element, click on me in the member list (room info → People) and raise my role to level ${needs}; or open the room settings → Roles & Permissions and lower “${right}” to ${has}. ${then}`;
  },
};
