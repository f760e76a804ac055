import { Problem } from '../../common/problem.ts';
import { readProfile, uploadAvatar } from '../matrix/profile.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { MetaTable } from '../store/meta.ts';

/**
 * The picture of the widget as an `mxc:` URI: the bot's own as it was at first. Kept as it is from then on, because a
 * widget that changes makes clients ask again.
 * @throws RequestFailed if that passes
 */
export async function widgetIcon(homeserver: MatrixSession, meta: MetaTable): Promise<string | undefined> {
  let icon = meta.get('widget_icon');
  if (icon === undefined) {
    icon = await findIcon(homeserver);
    meta.set('widget_icon', icon);
  }
  return icon === '' ? undefined : icon;
}

async function findIcon(homeserver: MatrixSession): Promise<string> {
  try {
    return (await readProfile(homeserver)).avatarUrl ?? (await uploadAvatar(homeserver));
  } catch (error) {
    if (!(error instanceof Problem) || error.transient) throw error;
    // A homeserver that takes no uploads: the widget works without a picture.
    return '';
  }
}
