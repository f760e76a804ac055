import type { RegistrationToken } from '../../../common/token.ts';
import type { Api } from '../api/api.ts';
import { ApiFailure, asFailure } from '../api/failure.ts';
import { describeFailure, type Language } from '../i18n/i18n.ts';
import type { Feedback } from '../ui/feedback.tsx';
import type { TokensModel } from './model.ts';

/** Marks the tokens as being deleted; unmarks those that could not be deleted, and shows why. */
export async function deleteTokens(
  api: Api,
  model: TokensModel,
  tokens: readonly RegistrationToken[],
  language: Language,
  { tell, fail }: Feedback,
): Promise<void> {
  const { t } = language;
  const names = tokens.map(({ token }) => token);
  model.markDeleting(names, true);
  try {
    const { results } = await api.delete(names);
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    const gone = results.filter(({ outcome }) => outcome === 'not_found').length;
    const deleted = results.length - failed.length - gone;
    model.merge(
      [],
      results.flatMap(({ token, outcome }) => (outcome === 'failed' ? [] : [token])),
    );
    const words = [
      ...(deleted > 0 ? [t.deleting.done(deleted)] : []),
      ...(gone > 0 ? [t.deleting.alreadyGone(gone)] : []),
    ];
    const [first] = failed;
    if (first === undefined) return tell(words.join('. '));
    const why = first.error === undefined ? '' : describeFailure(ApiFailure.fromError(first.error), language);
    fail([...words, t.deleting.failed(failed.length), why].join(' ').trim());
  } catch (error) {
    fail(`${t.deleting.failed(names.length)} ${describeFailure(asFailure(error), language)}`);
  } finally {
    model.markDeleting(names, false);
  }
}
