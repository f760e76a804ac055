// The pages shown instead of the tokens when there is no session.
import type { ApiFailure } from './api/failure.ts';
import { describeFailure, useLanguage } from './i18n/i18n.ts';
import { Skeleton } from './tokens/TokensView.tsx';
import { useLongerThan } from './ui/hooks.ts';
import type { IconName } from './ui/icons.tsx';
import { Page } from './ui/Page.tsx';

/** The client may be asking the user for consent: after a moment, this explains why. */
const EXPLAIN_MS = 1500;

export function Connecting() {
  const { t } = useLanguage();
  const explain = useLongerThan(EXPLAIN_MS);
  return (
    <main class="view">
      <h1 class="unseen">{t.title}</h1>
      <p class="connecting" role="status">
        <strong>{t.page.connecting}</strong> {explain && t.page.consent}
      </p>
      <Skeleton label={t.loading} />
    </main>
  );
}

interface Props {
  failure: ApiFailure;
  wasOpen: boolean;
  onRetry: () => void;
}

export function Ending({ failure, wasOpen, onRetry }: Props) {
  const language = useLanguage();
  const { t } = language;
  const [icon, title, hint, button] = texts();
  return (
    <main class="view">
      <h1 class="unseen">{t.title}</h1>
      <div role="alert">
        <Page icon={icon} title={title}>
          {hint.map((text) => (
            <p key={text}>{text}</p>
          ))}
          <button type="button" class="button primary" onClick={onRetry}>
            {button}
          </button>
        </Page>
      </div>
    </main>
  );

  function texts(): [IconName, title: string, hint: string[], button: string] {
    const { page } = t;
    switch (failure.code) {
      case 'identity_declined':
        return ['revoked', page.declined, [page.declinedHint], page.declinedRetry];
      case 'client_silent':
        return ['warning', page.silent, [page.silentHint], t.retry];
      case 'identity_refused': {
        const why = failure.body === undefined ? page.refusedHint : describeFailure(failure, language);
        return ['revoked', page.refused, [why], t.retry];
      }
      case 'not_allowed':
        return wasOpen
          ? ['revoked', page.withdrawn, [page.withdrawnHint, page.notAllowedHint], t.retry]
          : ['revoked', page.notAllowed, [page.notAllowedHint], t.retry];
      case 'offline':
        return ['warning', page.unreachable, [page.unreachableHint], t.retry];
      default:
        return ['warning', page.refused, [describeFailure(failure, language)], t.retry];
    }
  }
}

/** Shown if the page is opened outside a client. */
export function PlainTab() {
  const { t } = useLanguage();
  return (
    <main class="view">
      <h1 class="unseen">{t.title}</h1>
      <Page icon="note" title={t.page.plain}>
        <p>{t.page.plainHint}</p>
        <ol class="steps">
          {t.page.plainSteps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <p>{t.page.plainOther}</p>
      </Page>
    </main>
  );
}
