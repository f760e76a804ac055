// Light, dark and high contrast, as the client has it.

export interface Theme {
  scheme: 'light' | 'dark';
  contrast: 'normal' | 'high';
}

/** @param name the client's name for its theme; those it doesn't tell or that say nothing follow the system. */
export function themeOf(name: string, system: Theme): Theme {
  const words = name.toLowerCase();
  const contrast = words.includes('contrast') ? 'high' : system.contrast;
  if (/dark|black|night/.test(words)) return { scheme: 'dark', contrast };
  if (words.includes('light')) return { scheme: 'light', contrast };
  return { scheme: system.scheme, contrast };
}

/** Shows the theme and keeps to the system's where the client leaves it open. Returns what sets another one. */
export function startTheme(first: string): (name: string) => void {
  let name = first;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contrast = matchMedia('(prefers-contrast: more)');
  const show = (): void => {
    const theme = themeOf(name, {
      scheme: dark.matches ? 'dark' : 'light',
      contrast: contrast.matches ? 'high' : 'normal',
    });
    document.documentElement.dataset.theme = theme.scheme;
    document.documentElement.dataset.contrast = theme.contrast;
  };
  dark.addEventListener('change', show);
  contrast.addEventListener('change', show);
  show();
  return (next) => {
    name = next;
    show();
  };
}
