import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { Api } from './api/api.ts';
import { type ApiFailure, asFailure } from './api/failure.ts';
import { Session } from './api/session.ts';
import type { Client } from './host/client.ts';
import { useLanguage } from './i18n/i18n.ts';
import { Connecting, Ending } from './pages.tsx';
import { FeedbackProvider } from './ui/feedback.tsx';
import { Workspace } from './Workspace.tsx';

type Phase =
  | { name: 'connecting' }
  | { name: 'open' }
  | { name: 'ended'; failure: ApiFailure; wasOpen: boolean };

const RETRY_MS = 5000;

/** Signs in and shows the workspace, or the reason why it can't. */
export function App({ client, apiRoot }: { client: Client; apiRoot: string }) {
  const [phase, setPhase] = useState<Phase>({ name: 'connecting' });
  const [lapsed, setLapsed] = useState(false);
  const { code: language } = useLanguage();
  const end = useCallback(
    (failure: ApiFailure) =>
      setPhase((now) => ({
        name: 'ended',
        failure,
        wasOpen: now.name === 'open' || (now.name === 'ended' && now.wasOpen),
      })),
    [],
  );
  const api = useMemo(() => {
    const identity = (): ReturnType<Client['identity']> => client.identity();
    const options = {
      root: apiRoot,
      language,
      identity,
      fetch: (...a: Parameters<typeof fetch>) => fetch(...a),
      onEnd: end,
      onLapse: setLapsed,
    };
    return new Api(new Session(options));
  }, [client, apiRoot, language, end]);

  const signIn = useCallback(async () => {
    setPhase((now) =>
      now.name === 'ended' && now.failure.code === 'offline' ? now : { name: 'connecting' },
    );
    try {
      await api.session.signIn();
      setPhase({ name: 'open' });
    } catch (error) {
      end(asFailure(error));
    }
  }, [api, end]);
  useEffect(() => void signIn(), [signIn]);

  // Retries automatically: a restarting bot is back soon.
  useEffect(() => {
    if (phase.name !== 'ended' || phase.failure.code !== 'offline') return;
    const timer = setTimeout(() => void signIn(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [phase, signIn]);

  return (
    // Clear feedback from before the session ended.
    <FeedbackProvider key={phase.name}>
      {phase.name === 'open' ? (
        <Workspace api={api} lapsed={lapsed} />
      ) : phase.name === 'connecting' ? (
        <Connecting />
      ) : (
        <Ending failure={phase.failure} wasOpen={phase.wasOpen} onRetry={() => void signIn()} />
      )}
    </FeedbackProvider>
  );
}
