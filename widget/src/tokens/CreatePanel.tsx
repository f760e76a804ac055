import { useRef, useState } from 'preact/hooks';
import type { CreatedTokens } from '../../../common/apiResponses.ts';
import type { Api } from '../api/api.ts';
import { ApiFailure, asFailure } from '../api/failure.ts';
import { describeFailure, useLanguage } from '../i18n/i18n.ts';
import { useFeedback } from '../ui/feedback.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/Notice.tsx';
import { CopyButton } from './CopyButton.tsx';
import { CreateDialog } from './CreateDialog.tsx';
import { Expiry, UsesMeter } from './parts.tsx';

interface Props {
  api: Api;
  now: number;
  /** Deleted meanwhile: no longer ready. */
  removed: ReadonlySet<string>;
  onCreated: (created: CreatedTokens) => void;
}

/** One button for the token that is wanted most often, a form for all others, and what came of it. */
export function CreatePanel({ api, now, removed, onCreated }: Props) {
  const language = useLanguage();
  const { t } = language;
  const { tell, fail } = useFeedback();
  const [busy, setBusy] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const [result, setResult] = useState<CreatedTokens | null>(null);

  function show(created: CreatedTokens): void {
    setResult(created);
    onCreated(created);
    const names = created.created.map(({ token }) => token).join(' ');
    tell(`${t.create.ready(created.created.length)}: ${names}`, { quiet: true });
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
      {result !== null && (
        <Created
          result={{ ...result, created: result.created.filter(({ token }) => !removed.has(token)) }}
          now={now}
          onDismiss={() => setResult(null)}
        />
      )}
      {isOpen && <CreateDialog api={api} onCreated={show} onClose={() => setOpen(false)} />}
    </div>
  );
}

function Created({ result, now, onDismiss }: { result: CreatedTokens; now: number; onDismiss: () => void }) {
  const language = useLanguage();
  const { t } = language;
  const values = useRef<HTMLUListElement>(null);
  const { created, failed } = result;
  const [first] = created;
  if (first === undefined && failed === undefined) return null;
  return (
    <section class="created" aria-label={t.create.ready(created.length)}>
      {failed !== undefined && (
        <Notice kind="error" title={t.create.partly(created.length)}>
          <p>{describeFailure(ApiFailure.fromError(failed), language)}</p>
        </Notice>
      )}
      {first !== undefined && (
        <>
          <div class="created-head">
            <Icon name="active" />
            <strong>{t.create.ready(created.length)}</strong>
            <button type="button" class="icon-button" aria-label={t.create.dismiss} onClick={onDismiss}>
              <Icon name="close" />
            </button>
          </div>
          <div class="created-body">
            {/* Long lists scroll, which has to work with the keyboard too. */}
            <ul ref={values} class="created-values" tabIndex={created.length > 4 ? 0 : -1}>
              {created.map(({ token }) => (
                <li key={token}>
                  <code>{token}</code>
                </li>
              ))}
            </ul>
            <CopyButton labelled tokens={created.map(({ token }) => token)} shown={() => values.current} />
          </div>
          <div class="created-about">
            <UsesMeter token={first} />
            <Expiry time={first.expiry_time} now={now} />
            <span>{t.create.readyHint}</span>
          </div>
        </>
      )}
    </section>
  );
}
