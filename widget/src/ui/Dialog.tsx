import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog; the browser keeps the focus inside and gives it back to where it was. */
export function Dialog({ title, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    // The browser takes the first radio button, whichever is chosen; Tab would have come to the chosen one.
    const first = document.activeElement;
    if (first instanceof HTMLInputElement && first.type === 'radio' && !first.checked)
      ref.current
        ?.querySelector<HTMLInputElement>(`input[name="${CSS.escape(first.name)}"]:checked`)
        ?.focus();
    return () => {
      // The element goes before it could be closed, so the browser would not give the focus back by itself.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog ref={ref} class="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
