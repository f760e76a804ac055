import type { TokenFacts, UpdateToken } from '../../../common/token.ts';

export interface NewToken {
  token: string;
  uses_allowed: number | null;
  /** Epoch ms; null: never. */
  expiry_time: number | null;
}

/**
 * The homeserver's token API. Every method throws a `Problem`: `homeserver_unreachable`, `homeserver_error`,
 * `admin_credential_refused`, `admin_rights_missing`, `token_api_missing` or `mas_in_charge`.
 */
export interface RegistrationBackend {
  readonly name: string;
  /** Throws what stands in the way of managing tokens, if anything does. */
  check(): Promise<void>;
  /** All tokens, in the homeserver's own order (Synapse: oldest first). */
  list(): Promise<TokenFacts[]>;
  /** null: there is no such token. */
  get(token: string): Promise<TokenFacts | null>;
  /** @throws Problem `token_exists` */
  create(token: NewToken): Promise<TokenFacts>;
  /** null: there is no such token. */
  update(token: string, change: UpdateToken): Promise<TokenFacts | null>;
  /** false: there was no such token. */
  delete(token: string): Promise<boolean>;
}
