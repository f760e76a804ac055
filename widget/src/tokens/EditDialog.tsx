import { useEffect, useState } from 'preact/hooks';
import type { RegistrationToken } from '../../../common/token.ts';
import type { Api } from '../api/api.ts';
import { asFailure } from '../api/failure.ts';
import { describeFailure, useLanguage } from '../i18n/i18n.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { useFeedback } from '../ui/feedback.tsx';
import { useNow } from '../ui/hooks.ts';
import { Notice } from '../ui/Notice.tsx';
import { type FormErrors, formOf, toUpdateRequest, usesOf } from './form.ts';
import { StateBadge, stateAt, UsesMeter } from './parts.tsx';
import { LimitFields } from './TokenFields.tsx';

interface Props {
  api: Api;
  token: RegistrationToken;
  /** The token as it is now; null: it was deleted. */
  onChanged: (token: RegistrationToken | null) => void;
  onClose: () => void;
}

export function EditDialog({ api, token, onChanged, onClose }: Props) {
  const language = useLanguage();
  const { t, format } = language;
  const { tell } = useFeedback();
  const now = useNow();
  const [base, setBase] = useState(token);
  /** Tag of the values that filled the form, to detect a change by somebody else. */
  const [etag, setEtag] = useState<string | null>(null);
  const [ready, setReady] = useState(false);
  const [form, setForm] = useState(() => formOf(token, Date.now()));
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [conflict, setConflict] = useState<'changed' | 'gone' | null>(null);

  async function read(): Promise<void> {
    setReady(false);
    try {
      const { data, etag } = await api.token(token.token, false);
      setEtag(etag);
      setBase(data);
      setForm(formOf(data, Date.now()));
      onChanged(data);
    } catch (error) {
      const problem = asFailure(error);
      if (problem.status === 404) lost();
      else setFailure(describeFailure(problem, language));
    } finally {
      setReady(true);
    }
  }
  // Once, when the dialog opens: the list may be out of date.
  useEffect(() => void read(), []);

  function lost(): void {
    setConflict('gone');
    onChanged(null);
  }

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const mapped = toUpdateRequest(form, base, Date.now());
    if ('errors' in mapped) return setErrors(mapped.errors);
    if (Object.keys(mapped.request).length === 0) {
      tell(t.editing.nothing);
      return onClose();
    }
    setBusy(true);
    setFailure(null);
    setConflict(null);
    try {
      onChanged(await api.update(token.token, mapped.request, etag));
      tell(t.editing.saved);
      onClose();
    } catch (error) {
      const problem = asFailure(error);
      if (problem.status === 404 || (problem.status === 412 && problem.body?.current === null)) lost();
      else if (problem.status === 412) {
        await read();
        setConflict('changed');
      } else setFailure(describeFailure(problem, language));
    } finally {
      setBusy(false);
    }
  }

  const change = (part: Partial<typeof form>): void => {
    setForm({ ...form, ...part });
    setErrors({});
  };
  return (
    <Dialog title={t.editing.title} onClose={onClose}>
      <form class="form" noValidate aria-busy={!ready} onSubmit={(event) => void submit(event)}>
        <div class="subject">
          <code>{base.token}</code>
          <span class="subject-facts">
            <StateBadge state={stateAt(base, now)} />
            <UsesMeter token={base} />
            {base.expiry_time !== null && (
              <span class="expiry">
                {t.form.expiryField} {format.dateTime(base.expiry_time)}
              </span>
            )}
          </span>
        </div>
        {conflict === 'gone' && <Notice kind="error" title={t.editing.gone} />}
        {conflict === 'changed' && (
          <Notice kind="error" title={t.editing.conflict}>
            <p>{t.editing.conflictHint}</p>
          </Notice>
        )}
        {failure !== null && (
          <Notice kind="error" title={t.editing.failed}>
            <p>{failure}</p>
          </Notice>
        )}
        {conflict !== 'gone' && (
          <>
            {(base.pending ?? 0) > 0 && (
              <Notice kind="info">
                <p>{t.editing.pending(base.pending ?? 0)}</p>
              </Notice>
            )}
            <LimitFields form={form} errors={errors} onChange={change} keep={base.expiry_time !== null} />
          </>
        )}
        <div class="dialog-buttons">
          {conflict !== 'gone' && <Left uses={usesOf(form)} token={base} />}
          <button type="button" class="button" onClick={onClose}>
            {conflict === 'gone' ? t.close : t.cancel}
          </button>
          {conflict !== 'gone' && (
            <button type="submit" class="button primary" disabled={busy || !ready}>
              {busy ? t.saving : t.save}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** Explains the limit being entered. */
function Left({ uses, token }: { uses: number | null | undefined; token: RegistrationToken }) {
  const { t } = useLanguage();
  if (uses === undefined || uses === null) return null;
  const left = uses - token.completed - (token.pending ?? 0);
  return (
    <p class="field-hint left" aria-live="polite">
      {left > 0 ? t.editing.left(left) : t.editing.noneLeft}
    </p>
  );
}
