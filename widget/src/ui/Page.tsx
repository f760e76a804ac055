import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

interface Props {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
}

/** A full-page message, in place of content that can't be shown. */
export function Page({ icon, title, children }: Props) {
  return (
    <section class="page-state">
      <span class={`page-icon ${icon}`}>
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
