import { Problem } from '../../common/problem.ts';
import type { MetaTable } from './meta.ts';

/**
 * A sync position and answered commands mean something only for the account they came from.
 * @throws Problem `data_dir_unusable` if the folder is another account's
 */
export function claimDataDir(meta: MetaTable, userId: string, dataDir: string): void {
  const owner = meta.get('user_id');
  if (owner === undefined) meta.set('user_id', userId);
  else if (owner !== userId) {
    throw new Problem(
      'data_dir_unusable',
      `The data folder ${dataDir} belongs to the account ${owner}, but the bot is ${userId} now.`,
      'Give this account a folder of its own (bot.data_dir), or move the old one away.',
    );
  }
}
