import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

interface Props {
  kind: 'info' | 'warning' | 'error';
  title?: string;
  children?: ComponentChildren;
}

/** An inline message; screen readers read errors out at once. */
export function Notice({ kind, title, children }: Props) {
  const icon: IconName = kind === 'info' ? 'note' : 'warning';
  return (
    <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
      <Icon name={icon} />
      <div>
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}
