import { useEffect, useState } from 'preact/hooks';
import type { Access } from '../../../common/apiResponses.ts';
import type { Api } from '../api/api.ts';
import { type ApiFailure, asFailure } from '../api/failure.ts';
import { describeFailure, useLanguage } from '../i18n/i18n.ts';
import { Field } from '../tokens/TokenFields.tsx';
import { Skeleton } from '../tokens/TokensView.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { useFeedback } from '../ui/feedback.tsx';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Page } from '../ui/Page.tsx';

interface Props {
  api: Api;
  /** The latest value from the event stream; null: none yet. */
  access: Access | null;
  onAccess: (access: Access) => void;
}

export function AccessView({ api, access, onAccess }: Props) {
  const language = useLanguage();
  const { t } = language;
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [doomed, setDoomed] = useState<string | null>(null);
  const load = (): void => {
    setFailure(null);
    api.access(false).then(onAccess, (error: unknown) => setFailure(asFailure(error)));
  };
  useEffect(load, [api]);

  if (access === null) {
    if (failure === null) return <Skeleton label={t.loading} />;
    return (
      <Page icon="warning" title={t.access.failed}>
        <p>{describeFailure(failure, language)}</p>
        <button type="button" class="button primary" onClick={load}>
          {t.retry}
        </button>
      </Page>
    );
  }
  return (
    <div class="view">
      <h2>{t.access.title}</h2>
      {!access.by_default ? (
        <p class="lead">{t.access.named}</p>
      ) : access.default === 'homeserver' ? (
        <Notice kind="warning" title={t.access.openTitle(access.server_name)}>
          <p>{t.access.openHint}</p>
        </Notice>
      ) : (
        <Notice kind="info" title={t.access.closedTitle}>
          <p>{t.access.closedHint}</p>
        </Notice>
      )}
      {access.patterns.length > 0 && (
        <ul class="patterns">
          {access.patterns.map((entry) => (
            <Entry
              key={`${entry.source} ${entry.pattern}`}
              entry={entry}
              onRemove={() => setDoomed(entry.pattern)}
            />
          ))}
        </ul>
      )}
      <AllowForm api={api} server={access.server_name} onAccess={onAccess} />
      {doomed !== null && (
        <RemoveDialog
          api={api}
          access={access}
          pattern={doomed}
          onAccess={onAccess}
          onClose={() => setDoomed(null)}
        />
      )}
    </div>
  );
}

function Entry({ entry, onRemove }: { entry: Access['patterns'][number]; onRemove: () => void }) {
  const { t, format } = useLanguage();
  const fromConfig = entry.source === 'config';
  const added =
    entry.added_by !== undefined && entry.added_at !== undefined
      ? t.access.addedBy(entry.added_by, format.dateTime(entry.added_at))
      : '';
  return (
    <li class="pattern">
      <span class="pattern-text">
        <code>{entry.pattern}</code>
        <span class="pattern-source">
          {fromConfig ? t.access.fromConfigHint : `${t.access.fromCommand} ${added}`}
        </span>
      </span>
      {fromConfig ? (
        <span class="badge">{t.access.fromConfig}</span>
      ) : (
        <button
          type="button"
          class="icon-button danger"
          aria-label={t.access.removeName(entry.pattern)}
          title={t.remove}
          onClick={onRemove}
        >
          <Icon name="trash" />
        </button>
      )}
    </li>
  );
}

function AllowForm({
  api,
  server,
  onAccess,
}: {
  api: Api;
  server: string;
  onAccess: (access: Access) => void;
}) {
  const language = useLanguage();
  const { t, format } = language;
  const { tell } = useFeedback();
  const [pattern, setPattern] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const patterns = pattern.trim().split(/\s+/).filter(Boolean);
    if (patterns.length === 0) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const { access, added, already, also_added } = await api.allow(patterns);
      onAccess(access);
      setPattern('');
      const words = [
        ...(added.length > 0 ? [t.access.added(format.list(added))] : []),
        ...(already.length > 0 ? [t.access.already(format.list(already))] : []),
        ...(also_added === null ? [] : [t.access.alsoAdded(also_added)]),
      ];
      tell(words.join('. '));
    } catch (error) {
      setProblem(`${t.access.notAdded} ${describeFailure(asFailure(error), language)}`);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="form allow" noValidate onSubmit={(event) => void submit(event)}>
      <h3>{t.access.add}</h3>
      <Field label={t.access.pattern} hint={t.access.patternHint(server)} error={problem}>
        {(ids) => (
          <span class="field-with-button">
            <input
              {...ids}
              class="field mono"
              value={pattern}
              maxLength={512}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              onInput={(event) => {
                setPattern(event.currentTarget.value);
                setProblem(undefined);
              }}
            />
            <button type="submit" class="button primary" disabled={busy || pattern.trim() === ''}>
              {busy ? t.access.adding : t.access.addButton}
            </button>
          </span>
        )}
      </Field>
    </form>
  );
}

interface RemoveProps {
  api: Api;
  access: Access;
  pattern: string;
  onAccess: (access: Access) => void;
  onClose: () => void;
}

function RemoveDialog({ api, access, pattern, onAccess, onClose }: RemoveProps) {
  const language = useLanguage();
  const { t } = language;
  const { tell } = useFeedback();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const opens = access.patterns.length === 1 && access.default === 'homeserver';

  async function remove(): Promise<void> {
    setBusy(true);
    try {
      onAccess(await api.disallow(pattern, opens));
      tell(t.access.removed(pattern));
      onClose();
    } catch (error) {
      setProblem(describeFailure(asFailure(error), language));
      setBusy(false);
    }
  }

  return (
    <Dialog title={t.access.removeTitle} onClose={onClose}>
      <div class="subject">
        <code>{pattern}</code>
      </div>
      {problem !== null && (
        <Notice kind="error" title={t.access.notRemoved}>
          <p>{problem}</p>
        </Notice>
      )}
      {opens ? (
        <Notice kind="warning" title={t.access.removeLast(access.server_name)} />
      ) : (
        <p class="dialog-text">{t.access.removeHint}</p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onClose}>
          {t.cancel}
        </button>
        <button type="button" class="button danger" disabled={busy} onClick={() => void remove()}>
          {t.remove}
        </button>
      </div>
    </Dialog>
  );
}
