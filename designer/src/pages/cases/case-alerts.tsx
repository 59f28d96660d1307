import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RelatedCase } from '../../api/cases';
import type { AlertRecord } from '../../api/types';
import { AlertPill, Severity } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { CasePill } from './case-pill';

export function CaseAlerts({ alerts }: { readonly alerts: readonly AlertRecord[] }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('alerts.title')}>
      <table className="table">
        <thead><tr><th className="number">{t('audit.number')}</th><th>{t('alerts.severity')}</th><th>{t('alerts.alert')}</th><th>{t('alerts.received')}</th><th>{t('alerts.state')}</th></tr></thead>
        <tbody>{alerts.map(record => (
          <tr key={record.id}><td className="number">{record.number}</td><td><Severity value={record.alert.severity} /></td><td className="fill"><Link className="row-link" to={`/alerts/${record.number}`}><Foreign text={record.alert.title} max={160} /></Link></td><td><Ago at={record.receivedAt} /></td><td><AlertPill state={record.state} /></td></tr>
        ))}</tbody>
      </table>
    </div>
  );
}

/** Cases that are about the same things, and about which. */
export function RelatedCases({ related }: { readonly related: readonly RelatedCase[] }) {
  return (
    <ul className="plain-list">
      {related.map(other => (
        <li key={other.case.id} className="row"><CasePill file={other.case} /><Link to={`/cases/${other.case.number}`}>{other.case.number} <Foreign text={other.case.title} max={120} /></Link><span className="soft mono"><Foreign text={other.shared.join(', ')} max={200} />{other.count > other.shared.length && ` +${other.count - other.shared.length}`}</span></li>
      ))}
    </ul>
  );
}
