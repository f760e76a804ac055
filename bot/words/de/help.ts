import type { EnglishWords } from '../en/english.ts';
import { code, command, say } from '../inline.ts';

export const HELP: EnglishWords['help'] = {
  whatIDo: (server) =>
    say`Ich verwalte die Registrierungstoken von ${code(server)}: Wer einen hat, kann sich dort registrieren.`,
  example: say`Zum Beispiel ${command('create uses=5 expires=14d')}. Mehr: ${command('help create')}.`,
  inRooms: (prefix) =>
    prefix === ''
      ? ['In Räumen mit anderen musst du mich erwähnen.']
      : say`In Räumen mit anderen beginne mit ${command(prefix)} oder erwähne mich.`,
  showsWhatICanDo: say`${command('help')} zeigt, was ich kann.`,
  unknownCommand: (word) => `Ich kenne „${word}“ nicht.`,
  didYouMean: (near) => say` Meinst du ${command(near)}?`,

  hello: (server) => say`Hallo! Ich verwalte die Registrierungstoken von ${code(server)}.`,
  firstCommands: say`Schreib ${command('create')} für einen Token, den du weitergibst, ${command('list')}, um alle zu sehen, und ${command('help')} für den Rest.`,
  widget:
    'Es gibt auch ein Widget mit Knöpfen und Formularen für all das. Dein Client fragt vielleicht, ob er es laden soll, weil ein Bot es hinzugefügt hat, und ob es erfahren darf, wer du bist, denn hinein kommt nur, wer Token verwalten darf.',
  mayNot: 'Du darfst sie nicht verwalten.',
  shortHello: say`Hallo! ${command('help')} zeigt, was ich kann.`,
};
