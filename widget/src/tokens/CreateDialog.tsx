import { useState } from 'preact/hooks';
import type { CreatedTokens } from '../../../common/apiResponses.ts';
import { MAX_TOKEN_LENGTH, MAX_TOKENS_AT_ONCE } from '../../../common/token.ts';
import type { Api } from '../api/api.ts';
import { asFailure } from '../api/failure.ts';
import { describeFailure, useLanguage } from '../i18n/i18n.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Notice } from '../ui/Notice.tsx';
import { emptyForm, type FormErrors, toCreateRequest, tokenError } from './form.ts';
import { Field, LimitFields } from './TokenFields.tsx';

interface Props {
  api: Api;
  onCreated: (created: CreatedTokens) => void;
  onClose: () => void;
}

export function CreateDialog({ api, onCreated, onClose }: Props) {
  const language = useLanguage();
  const { t } = language;
  const [form, setForm] = useState(() => emptyForm(Date.now()));
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const change = (part: Partial<typeof form>): void => {
    setForm({ ...form, ...part });
    setErrors({});
  };

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const mapped = toCreateRequest(form, Date.now());
    if ('errors' in mapped) return setErrors(mapped.errors);
    setBusy(true);
    setFailure(null);
    try {
      onCreated(await api.create(mapped.request));
      onClose();
    } catch (error) {
      setFailure(describeFailure(asFailure(error), language));
      setBusy(false);
    }
  }

  const own = form.token.trim();
  const wrong = errors.token ?? tokenError(own);
  const asked = Number(form.count);
  // The button does not show an invalid number.
  const count = own === '' && errors.count === undefined && Number.isInteger(asked) && asked > 0 ? asked : 1;
  return (
    <Dialog title={t.create.title} onClose={onClose}>
      <form class="form" noValidate onSubmit={(event) => void submit(event)}>
        {failure !== null && (
          <Notice kind="error" title={t.create.failed}>
            <p>{failure}</p>
          </Notice>
        )}
        <LimitFields form={form} errors={errors} onChange={change} />
        <div class="side-by-side">
          <Field
            label={t.form.token}
            error={wrong && t.form.errors[wrong]}
            hint={own === '' ? t.form.tokenHint : t.form.tokenOk(MAX_TOKEN_LENGTH - own.length)}
          >
            {(ids) => (
              <input
                {...ids}
                class="field mono"
                value={form.token}
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                onInput={(event) => change({ token: event.currentTarget.value })}
              />
            )}
          </Field>
          {own === '' && (
            <Field label={t.form.count} error={errors.count && t.form.errors.count} hint={t.form.countHint}>
              {(ids) => (
                <input
                  {...ids}
                  type="number"
                  class="field short"
                  min={1}
                  max={MAX_TOKENS_AT_ONCE}
                  inputMode="numeric"
                  value={form.count}
                  onInput={(event) => change({ count: event.currentTarget.value })}
                />
              )}
            </Field>
          )}
        </div>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>
            {t.cancel}
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? t.create.creating : t.create.submit(count)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
