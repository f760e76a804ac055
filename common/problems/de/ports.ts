import type { PORT_PROBLEMS } from '../ports.ts';
import type { Translated } from './translated.ts';

const unserved = (what: string) => `${what} kann nicht angeboten werden`;

export const PORTS: Translated<keyof typeof PORT_PROBLEMS> = {
  port_taken: {
    cause: ({ what, where }) => `${unserved(what)}: Auf ${where} lauscht schon etwas anderes.`,
    remedy: ({ key }) => {
      const proxy = key === 'widget.listen' ? ' (und den Reverse-Proxy mit ihm)' : '';
      return `Halte es an, oder setze ${key} auf einen anderen Port${proxy}.`;
    },
  },
  port_forbidden: {
    cause: ({ what, where }) => `${unserved(what)}: Das System lässt den Bot nicht auf ${where} lauschen.`,
    remedy: ({ key }) => `Setze ${key} auf einen Port ab 1024.`,
  },
  address_not_here: {
    cause: ({ what, where, reason }) =>
      `${unserved(what)}: ${where} ist keine Adresse dieses Rechners (${reason}).`,
    remedy: ({ key }) => `Setze ${key} auf eine, zum Beispiel 127.0.0.1:8080.`,
  },
};
