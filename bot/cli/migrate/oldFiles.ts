// What the Python bot keeps in its folder. Only read, never changed.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { problem } from '../../../common/problems/problem.ts';
import { fileTrouble } from '../../config/given.ts';

export interface OldFiles {
  /** `config.yml`, which has our keys. */
  readonly config: string | undefined;
  /** `config.toml`, of the library that it was made with. */
  readonly settings: string | undefined;
  /** Device and access token, encrypted with the password. */
  readonly session: string | undefined;
  /** The folder with encryption keys. */
  readonly cryptoStore: string | undefined;
}

export interface OldSettings {
  readonly allowlist: readonly string[];
  readonly blocklist: readonly string[];
  readonly joinOnInvite: boolean;
  readonly encryption: boolean;
  readonly storePath: string;
}

/** The folder itself, and those that matrix-docker-ansible-deploy makes in it. */
const PLACES = ['.', 'config', 'data'];

/** @throws Problem if there is nothing of the old bot */
export function findOldFiles(folder: string): OldFiles {
  const find = (...names: string[]) =>
    PLACES.flatMap((place) => names.map((name) => resolve(folder, place, name))).find((path) =>
      existsSync(path),
    );
  const settings = find('config.toml');
  const files = {
    config: find('config.yml', 'config.yaml'),
    settings,
    session: find('session.txt'),
    cryptoStore: cryptoStore(folder, settings),
  };
  if (Object.values(files).some((file) => file !== undefined)) return files;
  throw problem('nothing_to_migrate', { folder });
}

/** @throws Problem if the file is not what the old bot writes */
export function readSettings(file: string): OldSettings {
  const { simplematrixbotlib } = parsed(file) as {
    simplematrixbotlib?: { config?: Record<string, unknown> };
  };
  const config = simplematrixbotlib?.config ?? {};
  return {
    allowlist: strings(config.allowlist),
    blocklist: strings(config.blocklist),
    joinOnInvite: config.join_on_invite !== false,
    encryption: config.encryption_enabled !== false,
    storePath: typeof config.store_path === 'string' ? config.store_path : 'store',
  };
}

function parsed(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof TomlError))
      throw problem('old_file_unreadable', { file, reason: fileTrouble(error).found }, { cause: error });
    throw problem('old_settings_invalid', { file, line: error.line }, { cause: error });
  }
}

function cryptoStore(folder: string, settings: string | undefined): string | undefined {
  const own = settings === undefined ? [] : [resolve(dirname(settings), readSettings(settings).storePath)];
  const candidates = [...own, ...PLACES.map((place) => join(folder, place, 'store'))];
  return candidates.find(
    (path) => existsSync(path) && readdirSync(path).some((name) => name.endsWith('.db')),
  );
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
