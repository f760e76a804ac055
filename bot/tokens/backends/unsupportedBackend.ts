import { Problem } from '../../../common/problem.ts';
import type { RegistrationBackend } from './backend.ts';

/** Stands in where the configuration asks for a backend that this version does not have: every request says so. */
export function unsupportedBackend(name: string): RegistrationBackend {
  const refuse = async (): Promise<never> => {
    throw new Problem(
      'backend_unsupported',
      `api.backend is ${name}, which this version of the bot does not support yet.`,
      'Set it to auto, or manage the tokens with mas-cli.',
    );
  };
  return {
    name,
    check: refuse,
    list: refuse,
    get: refuse,
    create: refuse,
    update: refuse,
    delete: refuse,
  };
}
