import { code, command, type Inline, say } from '../inline.ts';

export const HELP = {
  whatIDo: (server: string) =>
    say`I manage the registration tokens of ${code(server)}: whoever has one can register there.`,
  example: say`For example ${command('create uses=5 expires=14d')}. More: ${command('help create')}.`,
  /** @param prefix empty: there is none */
  inRooms: (prefix: string) =>
    prefix === ''
      ? ['In rooms with others, mention me.']
      : say`In rooms with others, start with ${command(prefix)} or mention me.`,
  showsWhatICanDo: say`${command('help')} shows what I can do.`,
  unknownCommand: (word: string) => `I don’t know “${word}”.`,
  didYouMean: (near: string) => say` Did you mean ${command(near)}?`,

  hello: (server: string): Inline[] => say`Hello! I manage the registration tokens of ${code(server)}.`,
  firstCommands: say`Write ${command('create')} for a token to hand to somebody, ${command('list')} to see them all, ${command('help')} for the rest.`,
  widget:
    'There is also a widget with buttons and forms for all of that. Your client may ask whether to load it, because a bot added it, and whether to tell it who you are, because only people who may manage tokens get in.',
  mayNot: 'You may not manage them.',
  /** Replaces a greeting that the homeserver rejects. */
  shortHello: say`Hello! ${command('help')} shows what I can do.`,
};
