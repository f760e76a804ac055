import type { EnglishWords } from '../en/english.ts';

export const MESSAGES: EnglishWords['messages'] = {
  answerRejected:
    'Ich kann die Antwort darauf nicht zeigen, weil der Homeserver sie nicht annimmt. Sieh nach, ob getan ist, was du wolltest, bevor du es noch einmal verlangst. Mein Log sagt mehr.',
  thenSendAgain: 'Schick den Befehl dann noch einmal.',
  unreadable:
    'Ich kann nicht lesen, was du geschickt hast: Der Schlüssel dazu ist nicht bei mir angekommen. Schick es bitte noch einmal; kommt der Schlüssel doch noch, antworte ich trotzdem.',
  unreadableOften:
    'Wenn das öfter vorkommt, gibt deine App vielleicht keine Schlüssel an Geräte, die du nicht verifiziert hast: Verifiziere mich, oder erlaube es in den Sicherheitseinstellungen der App.',
};
