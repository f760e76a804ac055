import { useEffect, useState } from 'preact/hooks';
import type { Status } from '../../../common/apiResponses.ts';
import type { Api } from '../api/api.ts';
import { type ApiFailure, asFailure } from '../api/failure.ts';
import { describeFailure, useLanguage } from '../i18n/i18n.ts';
import { Skeleton } from '../tokens/TokensView.tsx';
import { Icon } from '../ui/icons.tsx';
import { Page } from '../ui/Page.tsx';

const ICONS = { ok: 'check', problem: 'warning', note: 'note' } as const;

export function StatusView({ api }: { api: Api }) {
  const language = useLanguage();
  const { t } = language;
  const [status, setStatus] = useState<Status | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);

  async function load(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      setStatus(await api.status());
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  }
  useEffect(() => void load(), [api]);

  if (failure !== null) {
    return (
      <Page icon="warning" title={t.status.failed}>
        <p>{describeFailure(failure, language)}</p>
        <button type="button" class="button primary" onClick={() => void load()}>
          {t.retry}
        </button>
      </Page>
    );
  }
  if (status === null) return <Skeleton label={t.loading} />;
  const problems = status.findings.filter(({ state }) => state === 'problem').length;
  return (
    <div class="view">
      <div class="view-head">
        <h2>{t.status.title}</h2>
        <button type="button" class="button small" disabled={busy} onClick={() => void load()}>
          {busy ? t.status.checking : t.status.reload}
        </button>
      </div>
      <p class="lead" role="status">
        {problems === 0 ? t.status.allWell : t.status.problems(problems)}
      </p>
      <ul class="findings" aria-busy={busy}>
        {status.findings.map(({ state, code, about, text, translation, detail }) => {
          const saying = t.status.findings[code] ?? translation;
          return (
            <li key={about + text + detail} class={`finding ${state}`}>
              <Icon name={ICONS[state]} />
              <div>
                <strong>
                  <span class="unseen">{t.status.state[state]}: </span>
                  {t.status.about[about] ?? about}
                </strong>
                {saying === undefined ? <p lang="en">{text}</p> : <p>{saying}</p>}
                {detail !== undefined && <p class="finding-detail">{detail}</p>}
              </div>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
