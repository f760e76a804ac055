import type { EnglishWords } from '../en/english.ts';
import { command, say } from '../inline.ts';

export const MESSAGES: EnglishWords['messages'] = {
  answerRejected:
    'Ich kann die Antwort darauf nicht zeigen, weil der Homeserver sie nicht annimmt. Sieh nach, ob getan ist, was du wolltest, bevor du es noch einmal verlangst. Mein Log sagt mehr.',
  thenSendAgain: 'Schick den Befehl dann noch einmal.',
  cameInClear:
    'Das kam unverschlüsselt, obwohl dieser Raum verschlüsselt ist; darum habe ich es nicht getan: Es könnte von jemandem kommen, der in dein Konto eingedrungen ist. Schick es mit einer App, die verschlüsseln kann, zum Beispiel Element. Ich sage das in diesem Raum nur einmal.',
  unreadable:
    'Ich kann nicht lesen, was du geschickt hast: Der Schlüssel dazu ist nicht bei mir angekommen. Schick es bitte noch einmal; kommt der Schlüssel doch noch, antworte ich trotzdem.',
  unreadableOften:
    'Wenn das öfter vorkommt, gibt deine App vielleicht keine Schlüssel an Geräte, die du nicht verifiziert hast: Verifiziere mich, oder erlaube es in den Sicherheitseinstellungen der App.',
  withheld: {
    unverified:
      'Ich kann nicht lesen, was du geschickt hast: Deine App gibt Schlüssel nur an verifizierte Geräte, und meines ist keines.',
    verifyMe:
      'Verifiziere mich: Öffne in Element mein Profil (wähle meinen Namen) → Verifizieren, und vergleiche die Emoji. Schick deine Nachricht danach noch einmal.',
    orAllow: 'Oder erlaube nicht verifizierte Geräte in den Sicherheitseinstellungen der App.',
    noAccess: 'Nur wer Zugriff hat, kann mich verifizieren.',
    notSigned: 'Mich zu verifizieren hilft nicht: Mein Gerät ist nicht signiert; mein Log sagt, warum.',
    allow:
      'Erlaube nicht verifizierte Geräte in den Sicherheitseinstellungen der App, oder schreib mir in einem Raum ohne Verschlüsselung.',
    blocked:
      'Ich kann nicht lesen, was du geschickt hast: Du hast mein Gerät in deiner App gesperrt. Gib es dort frei (in meinem Profil, unter Sitzungen), und schick deine Nachricht noch einmal.',
    notForBot:
      'Ich kann nicht lesen, was du geschickt hast: Deine App sagt, dass der Schlüssel nicht für mich ist, meistens weil ich noch nicht im Raum war. Schick es bitte noch einmal.',
    noSession:
      'Ich kann nicht lesen, was du geschickt hast: Deine App konnte die Verschlüsselung mit meinem Gerät nicht einrichten. Starte die App neu, oder warte eine Viertelstunde; schick deine Nachricht dann noch einmal.',
  },
  roomTooBig: (most) =>
    `Ich kann nicht bleiben: In verschlüsselten Räumen arbeite ich nur bis ${most} Mitglieder, weil jede meiner Antworten einen Schlüssel für jedes Gerät braucht. Lade mich in einen kleineren Raum ein, oder in einen ohne Verschlüsselung.`,
  nobodyWithAccess: 'In diesem Raum darf niemand Registrierungs-Token verwalten.',
  verificationBegun: say`Um mich zu verifizieren, vergleiche die Emoji in deiner App mit meinen: Sie stehen in meinem Log, und zehn Minuten lang in der Antwort auf ${command('status')}. Wenn sie gleich sind, bestätige in deiner App.`,
};
