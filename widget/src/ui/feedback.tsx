// Short feedback: shown at the bottom and read out by screen readers.
import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';
import { useLanguage } from '../i18n/i18n.ts';
import { Icon } from './icons.tsx';

interface Message {
  text: string;
  isError: boolean;
  /** For screen readers only: the change itself is visible. */
  quiet: boolean;
}
export interface Feedback {
  tell: (text: string, options?: { quiet?: boolean }) => void;
  /** Shown until the user closes it. */
  fail: (text: string) => void;
}

const SHOWN_MS = 6000;
const FeedbackContext = createContext<Feedback>({ tell: () => {}, fail: () => {} });

export function useFeedback(): Feedback {
  return useContext(FeedbackContext);
}

export function FeedbackProvider({ children }: { children: ComponentChildren }) {
  const { t } = useLanguage();
  const [message, setMessage] = useState<Message | null>(null);
  const tell = useCallback<Feedback['tell']>(
    (text, { quiet = false } = {}) => setMessage({ text, isError: false, quiet }),
    [],
  );
  const fail = useCallback((text: string) => setMessage({ text, isError: true, quiet: false }), []);
  useEffect(() => {
    if (message === null || message.isError) return;
    const timer = setTimeout(() => setMessage(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [message]);
  const shown = message !== null && !message.quiet;
  return (
    <FeedbackContext.Provider value={{ tell, fail }}>
      {children}
      <div class="toasts">
        <div role="status" class={message?.isError || !shown ? 'unseen' : 'toast'}>
          {message?.isError ? '' : (message?.text ?? '')}
        </div>
        {message?.isError && (
          <div role="alert" class="toast error">
            <Icon name="warning" />
            <span>{message.text}</span>
            <button type="button" class="icon-button" aria-label={t.close} onClick={() => setMessage(null)}>
              <Icon name="close" />
            </button>
          </div>
        )}
      </div>
    </FeedbackContext.Provider>
  );
}
