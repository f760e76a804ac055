import type { RegistrationToken } from '../../../common/token.ts';
import { useLanguage } from '../i18n/i18n.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Notice } from '../ui/Notice.tsx';
import { StateBadge, stateAt, UsesMeter } from './parts.tsx';

interface Props {
  tokens: readonly RegistrationToken[];
  now: number;
  onConfirm: () => void;
  onClose: () => void;
}

const NAMED = 20;

/** Asks for confirmation, and lists the tokens to delete. */
export function DeleteDialog({ tokens, now, onConfirm, onClose }: Props) {
  const { t } = useLanguage();
  const pending = tokens.reduce((sum, token) => sum + (token.pending ?? 0), 0);
  return (
    <Dialog title={t.deleting.title(tokens.length)} onClose={onClose}>
      <ul class="doomed">
        {tokens.slice(0, NAMED).map((token) => (
          <li key={token.token}>
            <code>{token.token}</code>
            <span class="subject-facts">
              <StateBadge state={stateAt(token, now)} />
              <UsesMeter token={token} />
            </span>
          </li>
        ))}
        {tokens.length > NAMED && <li>{t.deleting.more(tokens.length - NAMED)}</li>}
      </ul>
      {pending > 0 && (
        <Notice kind="warning">
          <p>{t.deleting.pending(pending)}</p>
        </Notice>
      )}
      <p class="dialog-text">{t.deleting.hint(tokens.length)}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={onClose}>
          {t.cancel}
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {t.deleting.submit(tokens.length)}
        </button>
      </div>
    </Dialog>
  );
}
