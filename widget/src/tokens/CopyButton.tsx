import { useEffect, useState } from 'preact/hooks';
import { useLanguage } from '../i18n/i18n.ts';
import { copyText } from '../ui/copy.ts';
import { useFeedback } from '../ui/feedback.tsx';
import { Icon } from '../ui/icons.tsx';

interface Props {
  tokens: readonly string[];
  /** The element with the text, selected if copying is blocked. */
  shown: () => Element | null;
  labelled?: boolean;
}

export function CopyButton({ tokens, shown, labelled = false }: Props) {
  const { t } = useLanguage();
  const { tell, fail } = useFeedback();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy(): Promise<void> {
    if (!(await copyText(tokens.join('\n'), shown()))) return fail(t.copy.blocked);
    setCopied(true);
    const [first = ''] = tokens;
    tell(tokens.length === 1 ? t.copy.announced(first) : t.copy.announcedMany(tokens.length), {
      quiet: true,
    });
  }

  const text = copied ? t.copy.done : tokens.length === 1 ? t.copy.copy : t.copy.copyAll(tokens.length);
  return (
    <button
      type="button"
      class={`${labelled ? 'button primary' : 'icon-button'} copy${copied ? ' copied' : ''}`}
      aria-label={labelled || tokens.length !== 1 ? undefined : t.copy.copyToken(tokens[0] ?? '')}
      title={labelled ? undefined : text}
      onClick={() => void copy()}
    >
      <Icon name={copied ? 'check' : 'copy'} />
      {labelled ? text : copied && <span class="copied-text">{text}</span>}
    </button>
  );
}
