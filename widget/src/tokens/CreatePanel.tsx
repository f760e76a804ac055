import { useRef, useState } from 'preact/hooks';
import type { CreatedTokens } from '../../../common/apiResponses.ts';
import type { Api } from '../api/api.ts';
import { ApiFailure, asFailure } from '../api/failure.ts';
import { describeFailure, useLanguage } from '../i18n/i18n.ts';
import { useFeedback } from '../ui/feedback.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/Notice.tsx';
import { CreateDialog } from './CreateDialog.tsx';
import type { TokensModel } from './model.ts';
import { ReadyPanel } from './ReadyPanel.tsx';

interface Props {
  api: Api;
  model: TokensModel;
  now: number;
}

/** A button for a token with the defaults, a form for other tokens, and the created tokens. */
export function CreatePanel({ api, model, now }: Props) {
  const language = useLanguage();
  const { t } = language;
  const { tell, fail } = useFeedback();
  const [busy, setBusy] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const [result, setResult] = useState<CreatedTokens | null>(null);
  const quick = useRef<HTMLButtonElement>(null);
  const { created } = model.view;
  const failed = result?.failed;

  function show(next: CreatedTokens): void {
    setResult(next);
    model.announce(next.created);
    const { length } = next.created;
    const names = next.created.map(({ token }) => token).join(' ');
    tell(`${t.create.ready(length, length)}: ${names}`, { quiet: true });
  }
  function dismiss(): void {
    setResult(null);
    model.announce([]);
    quick.current?.focus({ preventScroll: true });
  }
  async function createDefault(): Promise<void> {
    setBusy(true);
    try {
      show(await api.create({}));
    } catch (error) {
      fail(`${t.create.failed} ${describeFailure(asFailure(error), language)}`);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div class="create">
      <div class="create-buttons">
        <button
          ref={quick}
          type="button"
          class="button primary big"
          aria-disabled={busy}
          onClick={() => !busy && void createDefault()}
        >
          <Icon name="plus" />
          {busy ? t.create.creating : t.create.quick}
        </button>
        <button type="button" class="button" onClick={() => setOpen(true)}>
          {t.create.more}
        </button>
      </div>
      {(created.size > 0 || failed !== undefined) && (
        <ReadyPanel created={created} now={now} onDismiss={dismiss}>
          {failed !== undefined && (
            <Notice kind="error" title={t.create.partly(result?.created.length ?? 0)}>
              <p>{describeFailure(ApiFailure.fromError(failed), language)}</p>
            </Notice>
          )}
        </ReadyPanel>
      )}
      {isOpen && <CreateDialog api={api} onCreated={show} onClose={() => setOpen(false)} />}
    </div>
  );
}
