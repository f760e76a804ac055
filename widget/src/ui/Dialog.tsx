import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog; the browser traps the focus and restores it afterwards. */
export function Dialog({ title, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    // The browser focuses the first radio button, even if another one is checked; Tab would reach the checked one.
    const first = document.activeElement;
    if (first instanceof HTMLInputElement && first.type === 'radio' && !first.checked)
      ref.current
        ?.querySelector<HTMLInputElement>(`input[name="${CSS.escape(first.name)}"]:checked`)
        ?.focus();
    return () => {
      // The element is removed without being closed, so the browser would not restore the focus.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  // The style sheet marks what is hidden below the buttons.
  const look = (): void => {
    const dialog = ref.current;
    if (dialog === null) return;
    dialog.toggleAttribute('data-more', dialog.scrollHeight - dialog.clientHeight - dialog.scrollTop > 1);
  };
  // After each render, which may have added a field.
  useEffect(look);
  useEffect(() => {
    addEventListener('resize', look);
    return () => removeEventListener('resize', look);
  }, []);
  return (
    <dialog ref={ref} class="dialog" aria-labelledby={id} onClose={onClose} onScroll={look}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
