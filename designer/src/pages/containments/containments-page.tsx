import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useContainments } from '../../api/queries';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { ContainmentsTable } from './containments-table';

/** What stands: blocked, disabled, sinkholed; and letting it go. */
export function ContainmentsPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const all = search.get('all') === 'true';
  const containments = useContainments(all);
  return (
    <div className="page">
      <PageHead title={t('containments.title')} actions={<div className="switch" role="group" aria-label={t('app.filter')}>
        <Link to="/containments" className={all ? '' : 'on'} aria-current={all ? undefined : 'true'}>{t('containments.standing')}</Link>
        <Link to="/containments?all=true" className={all ? 'on' : ''} aria-current={all ? 'true' : undefined}>{t('containments.all')}</Link>
      </div>} />
      <Loaded query={containments}>{rows => rows.length === 0
        ? <Empty title={t('containments.emptyTitle')} text={t('containments.emptyText')} />
        : <ContainmentsTable containments={rows} />}</Loaded>
    </div>
  );
}
