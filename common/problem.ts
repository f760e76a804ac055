// What can go wrong, as a value that chat, widget, command line and log can all show: one sentence that names the
// cause and one that says what to do.

export const PROBLEM_CODES = [
  // of the person who asks
  'invalid_input',
  'token_not_found',
  'token_exists',
  'not_allowed',
  'refused',
  // of the set-up
  'homeserver_unreachable',
  'homeserver_error',
  'rate_limited',
  'admin_credential_refused',
  'admin_rights_missing',
  'token_api_missing',
  'mas_in_charge',
  'backend_unsupported',
  'bot_credential_refused',
  'encryption_keys_unusable',
  'identity_foreign',
  'recovery_key_refused',
  'data_dir_in_use',
  'data_dir_unusable',
  'port_unusable',
  'internal',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** Problems that pass by themselves: worth another try. */
const TRANSIENT: ReadonlySet<ProblemCode> = new Set([
  'homeserver_unreachable',
  'homeserver_error',
  'rate_limited',
]);

export class Problem extends Error {
  readonly code: ProblemCode;
  /** What to do next; a full sentence. */
  readonly remedy: string;

  /** @param cause one full sentence that names what is wrong. */
  constructor(code: ProblemCode, cause: string, remedy: string, options?: ErrorOptions) {
    super(cause, options);
    this.name = 'Problem';
    this.code = code;
    this.remedy = remedy;
  }

  get transient(): boolean {
    return TRANSIENT.has(this.code);
  }

  /** Cause and remedy, to show to a person. */
  get sentence(): string {
    return this.remedy === '' ? this.message : `${this.message} ${this.remedy}`;
  }
}

export function invalidInput(cause: string, remedy = ''): Problem {
  return new Problem('invalid_input', cause, remedy);
}
