import { useTranslation } from 'react-i18next';
import { ApiError, unreachable } from '../api/client';

/** What went wrong, in words: the server's own, which say what to do, with its code. */
export function Problem({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const { t } = useTranslation();
  const refusal = error instanceof ApiError ? error : undefined;
  const message = refusal === undefined ? String(error instanceof Error ? error.message : error)
    : refusal.status === unreachable ? t('error.unreachable')
    : refusal.status === 403 ? t('error.forbidden', { message: refusal.message })
    : refusal.message;
  return (
    <div className="problem" role="alert">
      <strong>{refusal?.status === 404 ? t('error.notFound') : t('error.title')}</strong>
      <p>{message}</p>
      <div className="row">
        {retry && <button type="button" className="button small" onClick={retry}>{t('app.retry')}</button>}
        {refusal?.code && <code className="soft">{refusal.code}</code>}
      </div>
    </div>
  );
}
