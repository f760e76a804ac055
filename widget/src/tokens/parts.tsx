// Parts of a token shared by the list and the dialogs.
import { useId } from 'preact/hooks';
import { type RegistrationToken, type TokenState, tokenState } from '../../../common/token.ts';
import { useLanguage } from '../i18n/i18n.ts';
import { Icon } from '../ui/icons.tsx';

/** The state at `now`: a token can expire while it is shown. */
export function stateAt(token: RegistrationToken, now: number): TokenState {
  return tokenState({ ...token, revoked: token.state === 'revoked' }, now);
}

export function StateBadge({ state }: { state: TokenState }) {
  const { t } = useLanguage();
  return (
    <span class={`badge ${state}`} title={t.stateHint[state]}>
      <Icon name={state} />
      {t.state[state]}
    </span>
  );
}

type Uses = Pick<RegistrationToken, 'uses_allowed' | 'completed' | 'pending'>;

export function UsesMeter({ token }: { token: Uses }) {
  const { t, format } = useLanguage();
  const { uses_allowed: limit, completed } = token;
  const pending = token.pending ?? 0;
  const words = limit === null ? t.uses.ofUnlimited(completed) : t.uses.of(completed, limit);
  const full = pending > 0 ? `${words}, ${t.uses.pending(pending)}` : words;
  const part = (uses: number): string =>
    `${limit === null ? 0 : Math.min(100, (uses / Math.max(limit, completed + pending)) * 100)}%`;
  return (
    <span class="uses" title={full}>
      <span class="uses-text">
        <span class="unseen">{full}</span>
        <span aria-hidden="true">
          {format.number(completed)} / {limit === null ? '∞' : format.number(limit)}
          {pending > 0 && <span class="uses-pending"> · {t.uses.pending(pending)}</span>}
        </span>
      </span>
      <span class={`meter${limit === null ? ' endless' : ''}`} aria-hidden="true">
        <span class="meter-completed" style={{ width: part(completed) }} />
        <span class="meter-pending" style={{ width: part(pending) }} />
      </span>
    </span>
  );
}

/** Relative time, with the exact time on hover and focus. */
export function Expiry({ time, now }: { time: number | null; now: number }) {
  const { t, format } = useLanguage();
  const id = useId();
  if (time === null) return <span class="expiry">{t.expiry.never}</span>;
  const relative = format.relative(time, now);
  return (
    <button type="button" class="expiry hint" aria-describedby={id}>
      <time dateTime={new Date(time).toISOString()}>
        {time > now ? t.expiry.expires(relative) : t.expiry.expired(relative)}
      </time>
      <span role="tooltip" id={id} class="tip">
        {format.dateTime(time)}
      </span>
    </button>
  );
}
