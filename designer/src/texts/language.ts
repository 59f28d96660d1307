import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './en.json';

export const languages = { en: 'English', mk: 'Македонски' } as const;
export type Language = keyof typeof languages;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

const remembered = 'soar.language';

function isLanguage(value: string | null | undefined): value is Language {
  return value === 'en' || value === 'mk';
}

function wanted(): Language {
  const stored = localStorage.getItem(remembered);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map(language => language.slice(0, 2)).find(isLanguage) ?? 'en';
}

/** English comes with the page; another language is fetched when it is chosen. */
async function textsOf(language: Language): Promise<void> {
  if (language === 'mk' && !i18next.hasResourceBundle('mk', 'translation')) i18next.addResourceBundle('mk', 'translation', (await import('./mk.json')).default);
}

export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    // React writes text as text; escaping here would show entities to people.
    interpolation: { escapeValue: false },
  });
  await show(wanted());
}

async function show(language: Language): Promise<void> {
  await textsOf(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** A person chose this one; until somebody does, the browser's language counts. */
export async function speak(language: Language): Promise<void> {
  await show(language);
  localStorage.setItem(remembered, language);
}
