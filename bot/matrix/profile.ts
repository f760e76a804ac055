// Sets the display name and avatar of the bot's account once, if they are empty; never overwrites existing ones.
import { readFile } from 'node:fs/promises';
import { packageFile } from '../lib/packageFiles.ts';
import type { Log } from '../observability/log.ts';
import type { MetaTable } from '../store/meta.ts';
import type { MatrixSession } from './session.ts';

export const DISPLAY_NAME = 'Registration Bot';
const AVATAR = packageFile('bot/matrix/avatar.png');

export interface Profile {
  readonly displayName: string | undefined;
  readonly avatarUrl: string | undefined;
}

/** @throws RequestFailed */
export async function readProfile(session: MatrixSession): Promise<Profile> {
  const answer = (await session.request('GET', profilePath(session))) as {
    displayname?: unknown;
    avatar_url?: unknown;
  };
  return { displayName: text(answer.displayname), avatarUrl: text(answer.avatar_url) };
}

/**
 * Sets the fields that are empty and returns the resulting profile.
 * @throws RequestFailed
 */
async function completeProfile(session: MatrixSession, profile: Profile): Promise<Profile> {
  const path = profilePath(session);
  // Synapse sets a new account's display name to its localpart: treated as empty.
  const unnamed = profile.displayName === undefined || session.userId.startsWith(`@${profile.displayName}:`);
  if (unnamed) await session.request('PUT', `${path}/displayname`, { displayname: DISPLAY_NAME });
  let { avatarUrl } = profile;
  if (avatarUrl === undefined) {
    avatarUrl = await uploadAvatar(session);
    await session.request('PUT', `${path}/avatar_url`, { avatar_url: avatarUrl });
  }
  return { displayName: unnamed ? DISPLAY_NAME : profile.displayName, avatarUrl };
}

/** The `mxc:` URI of the bot's avatar. @throws RequestFailed */
export async function uploadAvatar(session: MatrixSession): Promise<string> {
  return await session.upload(await readFile(AVATAR), 'image/png', 'avatar.png');
}

function profilePath(session: MatrixSession): string {
  return `/_matrix/client/v3/profile/${encodeURIComponent(session.userId)}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Sets display name and avatar at the first start; returns the bot's display name. */
export async function introduce(
  session: MatrixSession,
  meta: MetaTable,
  log: Log,
): Promise<string | undefined> {
  try {
    const profile = await readProfile(session);
    if (meta.get('profile_set') !== undefined) return profile.displayName;
    const { displayName } = await completeProfile(session, profile);
    meta.set('profile_set', 'yes');
    return displayName;
  } catch (error) {
    // Not needed for operation: retried at the next start.
    log.debug({ err: error }, 'Could not set the display name and the picture.');
    return DISPLAY_NAME;
  }
}
