import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { languages, speak, type Language } from '../../texts/language';

/** The pages before one is signed in: one card in the middle, and the language to read it in. */
export function SessionCard({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { t, i18n } = useTranslation();
  useEffect(() => { document.title = `${title} · ${t('app.name')}`; }, [title, t]);
  return (
    <main className="session">
      <div className="session-card">
        <div className="brand"><img src="/soar.svg" alt="" width="28" height="28" /><span>{t('app.name')}</span></div>
        <h1>{title}</h1>
        {children}
      </div>
      <div className="languages" role="group" aria-label={t('user.language')}>
        {Object.entries(languages).map(([code, name]) => (
          <button key={code} type="button" className="link" lang={code} aria-pressed={i18n.language === code} onClick={() => { void speak(code as Language); }}>{name}</button>
        ))}
      </div>
    </main>
  );
}
