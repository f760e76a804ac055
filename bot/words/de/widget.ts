import type { EnglishWords } from '../en/english.ts';
import { code, command, say } from '../inline.ts';

export const WIDGET: EnglishWords['widget'] = {
  name: 'Registrierungstoken',
  putBack: 'Ich habe das Widget in diesen Raum geholt.',
  wasThere: 'Das Widget ist in diesem Raum.',
  whereToFind:
    'In Element: Rauminfo (ⓘ oben rechts) → Erweiterungen (in älteren Versionen „Widgets“) → Registrierungstoken. In anderen Clients: Sieh im Menü des Raums nach Widgets oder Apps.',
  address: (address) =>
    say`Seine Adresse ist ${code(address)}; in einem eigenen Browser-Tab erklärt diese Seite nur, wo es funktioniert. Alles geht auch ohne Widget, mit Befehlen.`,
  off: {
    'widget.enabled': say`Das Widget ist aus, weil ${code('widget.enabled')} in der Konfiguration auf false steht. Setze ${code('widget.enabled')} auf true und starte den Bot neu.`,
    'widget.public_url': say`Das Widget ist aus, weil ${code('widget.public_url')} in der Konfiguration fehlt. Setze ${code('widget.public_url')} auf die https-Adresse, unter der Browser den Bot erreichen, und starte den Bot neu.`,
    'bot.trust': say`Das Widget ist aus, weil ${code('bot.trust')} in der Konfiguration auf ${code('signed')} steht: Die Anmeldung am Widget beweist kein Gerät.`,
  },
  commandsDoTheSame: say`Alles geht auch mit Befehlen: ${command('help')} zeigt, wie.`,
  cannot(of, needs, has) {
    const levels = `Ich brauche hier das Berechtigungslevel ${needs} und habe ${has}.`;
    return of === 'widget'
      ? `Ich kann das Widget mit Knöpfen und Formularen für Registrierungstoken nicht in diesen Raum holen: ${levels}`
      : `Das Widget ist in diesem Raum, unter Erweiterungen in der Rauminfo, aber ich kann es nicht für alle anheften: ${levels}`;
  },
  raise(of, needs, has) {
    const right = of === 'widget' ? 'Widgets bearbeiten' : 'Einstellungen ändern';
    const then = of === 'widget' ? 'Dann hole ich es von selbst.' : 'Dann hefte ich es von selbst an.';
    return `Klick in Element in der Mitgliederliste (Rauminfo → Personen) auf mich und hebe meine Rolle auf Level ${needs} an; oder öffne die Raumeinstellungen → Rollen und Berechtigungen und senke „${right}“ auf ${has}. ${then}`;
  },
};
