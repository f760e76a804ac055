import { problem } from '../../common/problems/problem.ts';
import type { MetaTable } from './meta.ts';

/**
 * Binds the data folder to one account: the sync position and the answered commands are only valid for it.
 * @throws Problem `data_dir_unusable` if the folder is another account's
 */
export function claimDataDir(meta: MetaTable, userId: string, dataDir: string): void {
  const owner = meta.get('user_id');
  if (owner === undefined) meta.set('user_id', userId);
  else if (owner !== userId) {
    throw problem('data_dir_of_another', { dataDir, owner, userId });
  }
}
