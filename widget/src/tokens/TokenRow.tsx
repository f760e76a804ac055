import { useRef } from 'preact/hooks';
import type { RegistrationToken } from '../../../common/token.ts';
import { useLanguage } from '../i18n/i18n.ts';
import { Icon } from '../ui/icons.tsx';
import { CopyButton } from './CopyButton.tsx';
import { Expiry, StateBadge, stateAt, UsesMeter } from './parts.tsx';

export interface RowProps {
  token: RegistrationToken;
  now: number;
  selected: boolean;
  deleting: boolean;
  onSelect: (token: string, selected: boolean) => void;
  onEdit: (token: RegistrationToken) => void;
  onDelete: (token: RegistrationToken) => void;
}

export function TokenRow(props: RowProps) {
  const { token, now, selected, deleting, onSelect, onEdit, onDelete } = props;
  const { t } = useLanguage();
  const value = useRef<HTMLElement>(null);
  const name = token.token;
  const state = stateAt(token, now);
  // Of a token that nobody can use any more, the expiry says nothing.
  const isOver = state === 'used' || state === 'revoked';
  return (
    <>
      <label class="row-select">
        <input
          type="checkbox"
          checked={selected}
          disabled={deleting}
          aria-label={t.list.select(name)}
          onChange={(event) => onSelect(name, event.currentTarget.checked)}
        />
      </label>
      <span class="row-token">
        <code ref={value} title={name}>
          {name}
        </code>
        <CopyButton tokens={[name]} shown={() => value.current} />
      </span>
      <span class="row-state">
        {deleting ? <span class="badge">{t.list.deleting}</span> : <StateBadge state={state} />}
      </span>
      <span class="row-uses">
        <UsesMeter token={token} />
      </span>
      <span class="row-expiry">{!isOver && <Expiry time={token.expiry_time} now={now} />}</span>
      <span class="row-actions">
        <button
          type="button"
          class="icon-button"
          disabled={deleting}
          aria-label={t.list.editToken(name)}
          title={t.edit}
          onClick={() => onEdit(token)}
        >
          <Icon name="edit" />
        </button>
        <button
          type="button"
          class="icon-button danger"
          disabled={deleting}
          aria-label={t.list.deleteToken(name)}
          title={t.delete}
          onClick={() => onDelete(token)}
        >
          <Icon name="trash" />
        </button>
      </span>
    </>
  );
}
