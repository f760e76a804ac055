import { problem } from '../../common/problems/problem.ts';
import type { MetaTable } from './meta.ts';

/**
 * A sync position and answered commands mean something only for the account they came from.
 * @throws Problem `data_dir_unusable` if the folder is another account's
 */
export function claimDataDir(meta: MetaTable, userId: string, dataDir: string): void {
  const owner = meta.get('user_id');
  if (owner === undefined) meta.set('user_id', userId);
  else if (owner !== userId) {
    throw problem('data_dir_of_another', { dataDir, owner, userId });
  }
}
