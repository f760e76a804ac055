import { problem } from '../../../common/problems/problem.ts';
import type { RegistrationBackend } from './backend.ts';

/** Stands in where the configuration asks for a backend that this version does not have: every request says so. */
export function unsupportedBackend(name: string): RegistrationBackend {
  const refuse = async (): Promise<never> => {
    throw problem('backend_unsupported', { backend: name });
  };
  const capabilities = { delete: false, pending: false };
  return {
    name,
    capabilities,
    check: refuse,
    list: refuse,
    get: refuse,
    create: refuse,
    update: refuse,
    delete: refuse,
  };
}
