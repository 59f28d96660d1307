export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const remembered = 'soar.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

export function currentTheme(): Theme {
  const stored = localStorage.getItem(remembered);
  return themes.find(theme => theme === stored) ?? 'system';
}

function show(): void {
  const theme = currentTheme();
  document.documentElement.dataset.theme = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(remembered, theme);
  show();
}

export function startTheme(): void {
  show();
  dark.addEventListener('change', show);
}
