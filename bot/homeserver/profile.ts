// Gives the bot's account a name and a picture, once, if it has none: what the admin chose is never overwritten.
import { readFile } from 'node:fs/promises';
import type { Homeserver } from './homeserver.ts';

export const DISPLAY_NAME = 'Registration Bot';
const AVATAR = new URL('./avatar.png', import.meta.url);

export interface Profile {
  readonly displayName: string | undefined;
  readonly avatarUrl: string | undefined;
}

/** @throws RequestFailed */
export async function readProfile(homeserver: Homeserver): Promise<Profile> {
  const answer = (await homeserver.request('GET', profilePath(homeserver))) as {
    displayname?: unknown;
    avatar_url?: unknown;
  };
  return { displayName: text(answer.displayname), avatarUrl: text(answer.avatar_url) };
}

/**
 * Fills in what is empty and returns what is there now.
 * @throws RequestFailed
 */
export async function completeProfile(homeserver: Homeserver, profile: Profile): Promise<Profile> {
  const path = profilePath(homeserver);
  // Synapse names a new account after its localpart: that is as good as empty.
  const unnamed =
    profile.displayName === undefined || homeserver.userId.startsWith(`@${profile.displayName}:`);
  if (unnamed) await homeserver.request('PUT', `${path}/displayname`, { displayname: DISPLAY_NAME });
  let { avatarUrl } = profile;
  if (avatarUrl === undefined) {
    avatarUrl = await homeserver.upload(await readFile(AVATAR), 'image/png', 'avatar.png');
    await homeserver.request('PUT', `${path}/avatar_url`, { avatar_url: avatarUrl });
  }
  return { displayName: unnamed ? DISPLAY_NAME : profile.displayName, avatarUrl };
}

function profilePath(homeserver: Homeserver): string {
  return `/_matrix/client/v3/profile/${encodeURIComponent(homeserver.userId)}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
