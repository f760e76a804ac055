// About the addresses that the bot serves the widget and the metrics at.
import type { Entry } from './entry.ts';

interface Port {
  what: string;
  where: string;
  key: string;
}

export const PORT_PROBLEMS = {
  port_taken: {
    kind: 'port_unusable',
    cause: ({ what, where }: Port) => `${what} can’t be served: something else listens on ${where} already.`,
    remedy: ({ key }: Port) => {
      const proxy = key === 'widget.listen' ? ' (and the reverse proxy along with it)' : '';
      return `Stop that, or set ${key} to another port${proxy}.`;
    },
  },
  port_forbidden: {
    kind: 'port_unusable',
    cause: ({ what, where }: Port) =>
      `${what} can’t be served: the system does not let the bot listen on ${where}.`,
    remedy: ({ key }: Port) => `Set ${key} to a port from 1024 on.`,
  },
  address_not_here: {
    kind: 'port_unusable',
    cause: ({ what, where, reason }: Port & { reason: string }) =>
      `${what} can’t be served: ${where} is no address of this machine (${reason}).`,
    remedy: ({ key }: Port) => `Set ${key} to one, such as 127.0.0.1:8080.`,
  },
} as const satisfies Record<string, Entry>;
