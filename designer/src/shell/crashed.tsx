import { useTranslation } from 'react-i18next';
import { Link, useRouteError } from 'react-router';
import { PageHead } from '../parts/page';

/** Where the console itself fails: one page, never the whole of it. */
export function Crashed() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <div className="empty" role="alert">
      <h1>{t('error.crashed')}</h1>
      <p>{t('error.crashedText')}</p>
      <pre className="code-block">{error instanceof Error ? error.message : String(error)}</pre>
      <button type="button" className="button primary" onClick={() => { location.reload(); }}>{t('error.reload')}</button>
    </div>
  );
}

export function NoPage() {
  const { t } = useTranslation();
  return (
    <div className="page">
      <PageHead title={t('error.noPage')} />
      <p><Link to="/inbox">{t('error.toInbox')}</Link></p>
    </div>
  );
}
