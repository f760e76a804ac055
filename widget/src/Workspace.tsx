import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Access } from '../../common/apiResponses.ts';
import { AccessView } from './access/AccessView.tsx';
import type { Api } from './api/api.ts';
import { followEvents } from './api/eventStream.ts';
import { asFailure } from './api/failure.ts';
import { describeFailure, useLanguage } from './i18n/i18n.ts';
import { StatusView } from './status/StatusView.tsx';
import { TokensModel } from './tokens/model.ts';
import { TokensView } from './tokens/TokensView.tsx';
import { useFeedback } from './ui/feedback.tsx';
import { Icon } from './ui/icons.tsx';

const VIEWS = ['tokens', 'access', 'status'] as const;
type View = (typeof VIEWS)[number];
/** A shorter interruption (restart of the bot, change of network) is not shown. */
const PATIENCE_MS = 2500;

interface Props {
  api: Api;
  /** There is no session any more. */
  lapsed: boolean;
}

/** The page of a signed-in user: the three views, and a banner when they may be out of date. */
export function Workspace({ api, lapsed }: Props) {
  const language = useLanguage();
  const { t } = language;
  const { fail } = useFeedback();
  const [view, setView] = useState<View>('tokens');
  const [access, setAccess] = useState<Access | null>(null);
  const model = useMemo(() => new TokensModel(api), [api]);
  const { isLost, reconnect } = useLive(api, model, setAccess);
  useEffect(() => {
    if (!lapsed) reconnect();
  }, [lapsed]);
  const signIn = (): void => {
    api.session.signIn().catch((error: unknown) => fail(describeFailure(asFailure(error), language)));
  };

  return (
    <>
      <header class="head">
        <h1 class="unseen">{t.title}</h1>
        <nav aria-label={t.nav.label}>
          {VIEWS.map((name) => (
            <button
              key={name}
              type="button"
              class="tab"
              aria-current={name === view ? 'page' : undefined}
              onClick={() => {
                setView(name);
                scrollTo(0, 0);
              }}
            >
              {t.nav[name]}
            </button>
          ))}
        </nav>
      </header>
      <div role="status">
        {(lapsed || isLost) && (
          <div class="banner">
            <Icon name="warning" />
            <span>{lapsed ? t.live.ended : t.live.lost}</span>
            <button type="button" class="button small" onClick={lapsed ? signIn : reconnect}>
              {t.live.retry}
            </button>
          </div>
        )}
      </div>
      <main>
        {view === 'tokens' && <TokensView api={api} model={model} />}
        {view === 'access' && <AccessView api={api} access={access} onAccess={setAccess} />}
        {view === 'status' && <StatusView api={api} />}
      </main>
    </>
  );
}

function useLive(api: Api, model: TokensModel, onAccess: (access: Access) => void) {
  const { t } = useLanguage();
  const { tell } = useFeedback();
  const [isLost, setLost] = useState(false);
  const retry = useRef<() => void>(() => {});

  useEffect(() => {
    let losing: ReturnType<typeof setTimeout> | undefined;
    let told = false;
    const loaded = model.reload(true);
    const live = followEvents({
      session: api.session,
      onOpen(isFirst) {
        clearTimeout(losing);
        losing = undefined;
        setLost(false);
        if (told) tell(t.live.back);
        told = false;
        // Changes between loading the list and the first event would be missed.
        if (isFirst || model.view.failure !== null) void loaded.then(() => model.reload(true));
      },
      onLost() {
        losing ??= setTimeout(() => {
          told = true;
          setLost(true);
        }, PATIENCE_MS);
      },
      onEvent(event) {
        if (event.event === 'tokens') model.merge(event.data.changed, event.data.removed);
        else if (event.event === 'access') onAccess(event.data);
        else if (event.event === 'reset') {
          void model.reload(true);
          api.access(true).then(onAccess, () => {}); // The view reads it again when it is opened.
        }
      },
    });
    retry.current = live.retry;
    return () => {
      clearTimeout(losing);
      live.stop();
      model.stop();
    };
  }, [api, model]);

  return { isLost, reconnect: () => retry.current() };
}
