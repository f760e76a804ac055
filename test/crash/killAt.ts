// Kills the bot at a chosen step, which a proxy between it and the homeserver sees.
import { isRedaction, isSend } from '../harness/faults.ts';
import type { ProxiedRequest } from '../harness/proxy.ts';
import type { RestartableBot } from '../harness/restartableBot.ts';

/** A step of the bot, as the homeserver sees it. */
export interface Step {
  readonly name: string;
  readonly matches: (request: ProxiedRequest) => boolean;
  /** Counted from 1. */
  readonly nth?: number;
}

const TOKENS = '/_synapse/admin/v1/registration_tokens';

export const STEPS = {
  creation: {
    name: 'the creation of the token',
    matches: ({ method, path }: ProxiedRequest) => method === 'POST' && path.endsWith(`${TOKENS}/new`),
  },
  deletion: {
    name: 'the deletion of the token',
    matches: ({ method, path }: ProxiedRequest) => method === 'DELETE' && path.startsWith(TOKENS),
  },
  update: {
    name: 'the change of the token',
    matches: ({ method, path }: ProxiedRequest) => method === 'PUT' && path.startsWith(TOKENS),
  },
  reply: {
    name: 'the reply',
    matches: (request: ProxiedRequest) =>
      isSend(request) && request.path.includes('m.room.message') && !request.body.includes('m.replace'),
  },
  reaction: {
    name: 'the reaction',
    matches: (request: ProxiedRequest) => isSend(request) && request.path.includes('m.reaction'),
  },
  redaction: { name: 'the redaction of a reaction', matches: isRedaction },
  edit: {
    name: 'the edit',
    matches: (request: ProxiedRequest) => isSend(request) && request.body.includes('m.replace'),
  },
} as const satisfies Record<string, Step>;

/** Kills the bot at a step, before or after the homeserver has done it, in both cases before the bot learns of it. */
export function killAt(step: Step, when: 'before' | 'after', bot: RestartableBot): Promise<void> {
  const { proxy } = bot;
  let left = step.nth ?? 1;
  return new Promise((resolve) => {
    proxy.intercept(async (request) => {
      if (!step.matches(request) || --left !== 0) return undefined;
      if (when === 'after') {
        const { status, body } = await proxy.pass(request);
        if (status >= 300)
          throw new Error(`${request.method} ${request.path}: ${status} ${JSON.stringify(body)}`);
      }
      await bot.kill();
      proxy.clear();
      resolve();
      return 'drop';
    });
  });
}
