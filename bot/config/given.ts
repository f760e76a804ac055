// What was written for a key, before it is read as a value.

import type { Path } from './config.ts';
import type { ConfigProblem, ConfigWarning, Origin } from './findings.ts';
import { FOUND } from './messages.ts';

export interface Piece {
  readonly text: string;
  readonly where: Origin;
}

export interface Given {
  readonly where: Origin;
  /** One, or the entries of a list. */
  readonly pieces: readonly Piece[];
}

/** All that one source (the file, the environment) gives. */
export interface Reader {
  readonly given: ReadonlyMap<Path, Given>;
  /** Keys whose value could not be read; each has a problem. */
  readonly wrong: ReadonlyMap<Path, Origin>;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigWarning[];
}

/** Reads a file as text; throws as `readFileSync` does. */
export type ReadFile = (path: string) => string;

/** Why a file could not be read, to be read after "is". */
export function fileTrouble(error: unknown): { readonly missing: boolean; readonly found: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { missing: true, found: FOUND.missing };
    case 'EISDIR':
      return { missing: false, found: FOUND.folder };
    case 'EACCES':
    case 'EPERM':
      return { missing: false, found: FOUND.not_permitted };
    default:
      return { missing: false, found: FOUND.unreadable({ reason: code }) };
  }
}
