// The steps of `migrate`.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { count } from '../../../common/duration.ts';
import { problem } from '../../../common/problems/problem.ts';
import type { Config } from '../../config/config.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { Store } from '../../store/store.ts';
import { planAccess } from './accessList.ts';
import { deviceNotes } from './device.ts';
import type { Note } from './notes.ts';
import { findOldFiles, type OldFiles, readSettings } from './oldFiles.ts';

export interface Options {
  /** This bot's configuration, an absolute path. */
  readonly file: string;
  /** It was named, so it has to be there unless the old one takes its place. */
  readonly fileNeeded: boolean;
  /** The old bot's folder, an absolute path. */
  readonly from: string;
  readonly dryRun: boolean;
}

export interface Outcome {
  readonly config: LoadedConfig;
  readonly notes: readonly Note[];
}

/** What stands for the person who allowed somebody: the old bot did not keep who it was. */
const OLD_LIST = 'config.toml';
/** One for all runs, so that who was disallowed since is not allowed again by the next. */
const REF = 'migrate';

/** @throws Problem */
export async function takeOver(options: Options): Promise<Outcome> {
  const old = findOldFiles(options.from);
  const { config, notes } = takeOverConfig(old, options);
  if (!config.ok) return { config, notes };
  return {
    config,
    notes: [
      ...notes,
      ...takeOverSettings(old, config.config, options),
      ...(await deviceNotes(old, config.config)),
    ],
  };
}

function takeOverConfig({ config: oldFile }: OldFiles, { file, fileNeeded, dryRun }: Options): Outcome {
  const copy = oldFile !== undefined && !existsSync(file);
  if (copy && !dryRun) {
    copyPrivately(oldFile, file);
  }
  // In a dry run the old one is read as if it were there.
  const readFile = (path: string) => readFileSync(path === file && copy ? oldFile : path, 'utf8');
  const configPath = fileNeeded || copy || existsSync(file) ? file : undefined;
  const config = loadConfig({ cwd: dirname(file), env: process.env, configPath, readFile });
  const keys = 'its keys mean here what they meant there';
  const notes: Note[] = copy
    ? [{ state: 'ok', text: `Configuration: ${oldFile} is copied to ${file}; ${keys}.` }]
    : [
        {
          state: 'ok',
          text: `Configuration: ${config.ok ? (config.file ?? 'the environment') : file} is used as it is; ${keys}.`,
        },
      ];
  return { config, notes: config.ok ? notes : [] };
}

/** Readable for its owner only. @throws Problem */
function copyPrivately(from: string, to: string): void {
  try {
    writeFileSync(to, readFileSync(from), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw problem('copy_failed', { from, to, reason }, { cause: error });
  }
}

function takeOverSettings({ settings: file }: OldFiles, config: Config, { dryRun }: Options): Note[] {
  if (file === undefined) {
    return [
      { state: 'note', text: 'Allow list: there is no config.toml, so nobody is taken over.' },
      ...openToMore(config.access.allow),
    ];
  }
  const settings = readSettings(file);
  const plan = planAccess(settings);
  const notes: Note[] = [...plan.notes, ...keep(plan.patterns, config, dryRun)];
  if (settings.allowlist.length === 0) notes.push(...openToMore(config.access.allow));
  else if (plan.patterns.length === 0) notes.push(...nobodyLeft(config));
  if (!settings.joinOnInvite && config.bot.accept_invites === 'homeserver') {
    const text = 'Invites: the old bot accepted none. The nearest to that is bot.accept_invites: allowed.';
    notes.push({ state: 'note', text });
  }
  if (!settings.encryption && config.bot.encryption) {
    notes.push({
      state: 'note',
      text: 'Encryption: the old bot had it off. This one has it on; bot.encryption: false switches it off.',
    });
  }
  return notes;
}

/** Puts the patterns into the bot's state. */
function keep(patterns: readonly string[], { bot, access }: Config, dryRun: boolean): Note[] {
  if (patterns.length === 0) return [];
  // In a dry run, no state file may come into being.
  const isNew = !existsSync(join(bot.data_dir, 'bot.sqlite'));
  const store = new Store(dryRun && isNew ? ':memory:' : bot.data_dir);
  try {
    return store.transaction(() => {
      const rows = store.allowed.all();
      const now = Date.now();
      const notes: Note[] = [];
      const added: string[] = [];
      for (const pattern of patterns) {
        if (rows.some((row) => row.pattern === pattern) || access.allow.includes(pattern)) {
          notes.push({ state: 'ok', text: `Allow list: ${pattern} is allowed already.` });
        } else if (store.audit.has('allow', pattern, REF)) {
          notes.push({
            state: 'note',
            text: `Allow list: ${pattern} was taken over before, and disallowed since. It stays so.`,
          });
        } else {
          added.push(pattern);
        }
      }
      if (added.length === 0) return notes;
      if (!dryRun) {
        store.allowed.replace([
          ...rows,
          ...added.map((pattern) => ({ pattern, addedBy: OLD_LIST, addedAt: now })),
        ]);
        for (const pattern of added) {
          store.audit.record(now, { userId: OLD_LIST, via: 'cli' }, 'allow', pattern, undefined, REF);
        }
      }
      const text = `Allow list: ${count(added.length, 'entry', 'entries')} taken over: ${added.join(', ')}`;
      return [{ state: 'ok', text }, ...notes];
    });
  } finally {
    store.close();
  }
}

/** The old bot let in everybody who was not kept out. */
function openToMore(allowed: readonly string[]): Note[] {
  if (allowed.length > 0) return [];
  const text =
    'Access: the old bot let in everybody, of any server. This one lets in the users of its own homeserver, as long as nobody is named; to narrow it: access.allow, or the command allow.';
  return [{ state: 'note', text }];
}

function nobodyLeft({ access }: Config): Note[] {
  if (access.allow.length > 0 || access.default === 'nobody') return [];
  const text =
    'Access: nobody of the old list could be taken over, and with nobody named every user of the homeserver may manage tokens. Name people under access.allow before you start the bot.';
  return [{ state: 'problem', text }];
}
