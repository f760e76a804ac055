// The token API with every call counted, and logged under the ID of what it is done for.
import { Problem } from '../../common/problems/problem.ts';
import type { RegistrationBackend } from '../tokens/backends/backend.ts';
import type { Log } from './log.ts';
import { adminCalls, type Outcome } from './observed.ts';

export function observedBackend(backend: RegistrationBackend, log: Log): RegistrationBackend {
  const observe = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const done = (outcome: Outcome) => {
      adminCalls.tell({ operation, outcome });
      log.debug({ operation, outcome, ms: Math.round(performance.now() - began) }, 'Token API');
    };
    try {
      const result = await call();
      done('ok');
      return result;
    } catch (error) {
      done(error instanceof Problem ? error.kind : 'internal');
      throw error;
    }
  };
  return {
    name: backend.name,
    capabilities: backend.capabilities,
    check: () => observe('check', () => backend.check()),
    list: () => observe('list', () => backend.list()),
    get: (token) => observe('get', () => backend.get(token)),
    create: (token) => observe('create', () => backend.create(token)),
    update: (token, change) => observe('update', () => backend.update(token, change)),
    delete: (token) => observe('delete', () => backend.delete(token)),
  };
}
