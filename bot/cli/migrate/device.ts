// The old bot's login: its device, and the encryption keys that belong to it.
import { Problem } from '../../../common/problems/problem.ts';
import type { Config } from '../../config/config.ts';
import { whoAmI } from '../../matrix/signIn.ts';
import { botAccount } from '../../tokens/backends/accounts.ts';
import { hasForeignKeys } from '../deviceKeys.ts';
import type { Note } from './notes.ts';
import type { OldFiles } from './oldFiles.ts';

const OLD_DEVICE = '“Bot Client using Simple-Matrix-Bot-Lib”';

/** Never throws: a homeserver that can't be asked is a note. */
export async function deviceNotes({ session, cryptoStore }: OldFiles, config: Config): Promise<Note[]> {
  const notes: Note[] = [];
  if (session !== undefined) {
    const text = `Login: ${session} is not taken over. The bot logs in anew, as a device of its own; once it runs, remove the old device, ${OLD_DEVICE}, in the account’s settings or by logging it out.`;
    notes.push({ state: 'note', text });
  }
  if (cryptoStore !== undefined) {
    const text = `Encryption: the keys in ${cryptoStore} can’t be taken over, they are in another format and belong to the old device. What was written in encrypted rooms before can’t be read by this bot; new messages can.`;
    notes.push({ state: 'note', text });
  }
  if (config.bot.access_token !== undefined && config.bot.encryption)
    notes.push(...(await tokenNotes(config)));
  return notes;
}

/** An access token of the configuration is the old device's, if the old bot used it. */
async function tokenNotes(config: Config): Promise<Note[]> {
  const account = botAccount(config);
  try {
    const session = await whoAmI(account, config.bot.access_token ?? '');
    if (session === undefined) {
      const text =
        'Login: the homeserver does not accept bot.access_token any more. Put bot.username and bot.password in its place.';
      return [{ state: 'problem', text }];
    }
    if (!(await hasForeignKeys(account.server, session, config.bot.data_dir))) return [];
    const text = `Login: bot.access_token belongs to the device ${session.deviceId}, which has encryption keys of the old bot; the bot would not start with it. Put bot.username and bot.password in its place, or the access token of a new login.`;
    return [{ state: 'problem', text }];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const text = `Login: whether bot.access_token belongs to a device with encryption keys of the old bot could not be checked. ${error.message} If it does, put bot.username and bot.password in its place.`;
    return [{ state: 'note', text }];
  }
}
