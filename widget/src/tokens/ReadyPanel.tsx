// The tokens created last, as they are now, until the user closes the panel.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { RegistrationToken } from '../../../common/token.ts';
import { useLanguage } from '../i18n/i18n.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import { CopyButton } from './CopyButton.tsx';
import type { CreatedTokensNow } from './model.ts';
import { Expiry, StateBadge, stateAt, UsesMeter } from './parts.tsx';

interface Props {
  created: CreatedTokensNow;
  now: number;
  onDismiss: () => void;
  /** Why fewer tokens than wanted were created. */
  children: ComponentChildren;
}

export function ReadyPanel({ created, now, onDismiss, children }: Props) {
  const { t } = useLanguage();
  const tokens = [...created].map(([name, token]) => ({
    name,
    token,
    state: token === null ? ('deleted' as const) : stateAt(token, now),
  }));
  const ready = tokens.filter(({ state }) => state === 'active');
  const isPending = tokens.some(({ state }) => state === 'pending');
  const [first] = tokens;

  function title(): [IconName, string] {
    if (ready.length > 0) return ['active', t.create.ready(ready.length, tokens.length)];
    if (isPending) return ['pending', t.create.registering(tokens.length)];
    const same = first !== undefined && tokens.every(({ state }) => state === first.state);
    const state = same ? first.state : 'invalid';
    const word = state === 'deleted' || state === 'invalid' ? t.create[state] : t.state[state];
    return [state === 'expired' ? state : 'used', t.create.over(tokens.length, word.toLowerCase())];
  }
  const [icon, text] = title();
  return (
    <section class={`created ${ready.length > 0 ? '' : isPending ? 'taken' : 'over'}`} aria-label={text}>
      {children}
      {first !== undefined && (
        <>
          <p class="created-head">
            <Icon name={icon} />
            <span>
              {/* Read out when it changes. */}
              <strong role="status">{text}</strong>
              {ready.length > 0 && <span class="created-hint">. {hint()}</span>}
            </span>
          </p>
          {tokens.length === 1 ? <One {...first} now={now} /> : <Several tokens={tokens} />}
        </>
      )}
      <button type="button" class="icon-button" aria-label={t.create.dismiss} onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </section>
  );

  function hint(): string {
    const registering = ready.some(({ token }) => (token?.pending ?? 0) > 0);
    return registering ? `${t.create.registering(tokens.length)}.` : t.create.readyHint(tokens.length);
  }
}

interface TokenNow {
  name: string;
  /** null: deleted. */
  token: RegistrationToken | null;
  state: RegistrationToken['state'] | 'deleted';
}

function One({ name, token, state, now }: TokenNow & { now: number }) {
  const value = useRef<HTMLElement>(null);
  return (
    <div class="created-body">
      <code ref={value}>{name}</code>
      {state === 'active' && <CopyButton labelled tokens={[name]} shown={() => value.current} />}
      {token !== null && (state === 'active' || state === 'pending') && (
        <>
          <UsesMeter token={token} />
          <Expiry time={token.expiry_time} now={now} />
        </>
      )}
    </div>
  );
}

/** Only those that can still be sent to somebody are copied. */
function Several({ tokens }: { tokens: readonly TokenNow[] }) {
  const { t } = useLanguage();
  const values = useRef<HTMLUListElement>(null);
  const ready = tokens.filter(({ state }) => state === 'active');
  const others = tokens.filter(({ state }) => state !== 'active');
  if (others.every(({ state }) => state !== 'pending') && ready.length === 0) return null;
  return (
    // Long lists scroll, which has to work with the keyboard too.
    <div class="created-body">
      <div class="created-values" tabIndex={tokens.length > 4 ? 0 : -1}>
        <ul ref={values}>
          {ready.map(({ name, token }) => (
            <li key={name}>
              <code>{name}</code>
              {token !== null && token.completed + (token.pending ?? 0) > 0 && <UsesMeter token={token} />}
            </li>
          ))}
        </ul>
        <ul class="others">
          {others.map(({ name, state }) => (
            <li key={name}>
              <code>{name}</code>
              {state === 'deleted' ? (
                <span class="badge">{t.create.deleted}</span>
              ) : (
                <StateBadge state={state} />
              )}
            </li>
          ))}
        </ul>
      </div>
      {ready.length > 0 && (
        <CopyButton labelled tokens={ready.map(({ name }) => name)} shown={() => values.current} />
      )}
    </div>
  );
}
