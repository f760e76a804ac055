// Light, dark and high contrast, following the client's theme.

export interface Theme {
  scheme: 'light' | 'dark';
  contrast: 'normal' | 'high';
}

/** @param name the client's theme name; empty or unknown names follow the system */
export function themeOf(name: string, system: Theme): Theme {
  const words = name.toLowerCase();
  const contrast = words.includes('contrast') ? 'high' : system.contrast;
  if (/dark|black|night/.test(words)) return { scheme: 'dark', contrast };
  if (words.includes('light')) return { scheme: 'light', contrast };
  return { scheme: system.scheme, contrast };
}

/** Applies the theme; follows the system if the client names none. Returns a function that sets another one. */
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
