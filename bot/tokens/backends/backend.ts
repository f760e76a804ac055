import type { TokenFacts, UpdateToken } from '../../../common/token.ts';

export interface NewToken {
  token: string;
  uses_allowed: number | null;
  /** Epoch ms; null: never. */
  expiry_time: number | null;
}

/** What a backend can do. Callers read this instead of asking which backend it is. */
export interface BackendCapabilities {
  /** `deletes`: removed tokens are gone. `revokes`: they stay in the list as revoked, and `restore` makes them usable again. */
  readonly removal: 'deletes' | 'revokes';
  /** Reports registrations in progress (`pending`). */
  readonly knowsPending: boolean;
}

/**
 * The homeserver's token API. Every method throws a `Problem`: `homeserver_unreachable`, `homeserver_error`,
 * `admin_credential_refused`, `admin_rights_missing`, `token_api_missing` or `mas_in_charge`.
 */
export interface RegistrationBackend {
  readonly name: string;
  /** May change while the bot runs, when a server moves to MAS. */
  readonly capabilities: BackendCapabilities;
  /** Throws if tokens can't be managed. */
  check(): Promise<void>;
  /** All tokens, in the homeserver's order (Synapse: oldest first). */
  list(): Promise<TokenFacts[]>;
  /** null: there is no such token. */
  get(token: string): Promise<TokenFacts | null>;
  /** @throws Problem `token_exists` */
  create(token: NewToken): Promise<TokenFacts>;
  /** null: there is no such token. */
  update(token: string, change: UpdateToken): Promise<TokenFacts | null>;
  /** Deletes or revokes, see `capabilities`. false: there was no such token. */
  delete(token: string): Promise<boolean>;
  /**
   * Makes a revoked token usable again. null: there is no such token.
   * @throws Problem `restore_unsupported` where removed tokens are gone
   */
  restore(token: string): Promise<TokenFacts | null>;
}
