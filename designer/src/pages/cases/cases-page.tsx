import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCases } from '../../api/queries';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Severity, TlpBadge } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';

export function CasesPage() {
  const { t } = useTranslation();
  return (
    <div className="page">
      <PageHead title={t('cases.title')} />
      <Loaded query={useCases()}>{cases => cases.length === 0 ? <Empty title={t('cases.emptyTitle')} text={t('cases.emptyText')} /> : (
        <div className="table-holder" tabIndex={0} role="region" aria-label={t('cases.title')}>
          <table className="table">
            <thead><tr><th className="number">{t('audit.number')}</th><th>{t('cases.severity')}</th><th>{t('cases.case')}</th><th>{t('cases.tlp')}</th><th>{t('cases.opened')}</th><th>{t('cases.by')}</th></tr></thead>
            <tbody>
              {cases.map(one => (
                <tr key={one.id}><td className="number">{one.number}</td><td><Severity value={one.severity} /></td><td className="fill"><Link className="row-link" to={`/cases/${one.number}`}><Foreign text={one.title} max={160} /></Link></td><td><TlpBadge tlp={one.tlp} /></td><td><Ago at={one.openedAt} /></td><td>{one.openedBy}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}</Loaded>
    </div>
  );
}
