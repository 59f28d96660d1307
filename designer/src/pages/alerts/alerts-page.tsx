import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useAlerts } from '../../api/queries';
import type { AlertRecord, AlertState } from '../../api/types';
import { Choice } from '../../parts/field';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { AlertPill, Severity } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';

const states: readonly AlertState[] = ['Waiting', 'Started', 'NoTrigger', 'Failed', 'Duplicate', 'Suppressed'];

/** What came in, newest first, and what became of each. */
export function AlertsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const state = search.get('state') ?? undefined;
  return (
    <div className="page">
      <PageHead title={t('alerts.title')} actions={
        <Choice label={t('alerts.state')} value={state ?? ''} onValue={value => { setSearch(value === '' ? {} : { state: value }, { replace: true }); }} options={[['', t('app.all')], ...states.map(each => [each, t(`alertState.${each}`)] as const)]} />} />
      <Loaded query={useAlerts(state)}>{alerts => alerts.length > 0 ? <AlertsTable alerts={alerts} />
        : state !== undefined ? <Empty title={t('alerts.emptyFilter')} action={<Link className="button" to="/alerts">{t('runs.clear')}</Link>} />
        : <Empty title={t('alerts.emptyTitle')} text={t('alerts.emptyText')} />}</Loaded>
    </div>
  );
}

function AlertsTable({ alerts }: { readonly alerts: readonly AlertRecord[] }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('alerts.title')}>
      <table className="table">
        <thead><tr><th className="number">{t('audit.number')}</th><th>{t('alerts.severity')}</th><th>{t('alerts.alert')}</th><th>{t('alerts.category')}</th><th>{t('alerts.source')}</th><th>{t('alerts.received')}</th><th>{t('alerts.state')}</th><th>{t('alerts.runs')}</th></tr></thead>
        <tbody>
          {alerts.map(record => (
            <tr key={record.id}>
              <td className="number">{record.number}</td>
              <td><Severity value={record.alert.severity} /></td>
              <td className="fill"><Link className="row-link" to={`/alerts/${record.number}`}><Foreign text={record.alert.title} max={160} /></Link>{record.times > 1 && <span className="badge">{t('alerts.times', { count: record.times })}</span>}</td>
              <td>{record.alert.category}</td>
              <td>{record.source}</td>
              <td><Ago at={record.receivedAt} /></td>
              <td><AlertPill state={record.state} /></td>
              <td>{record.triggers.filter(trigger => trigger.run !== undefined).map(trigger => <div key={trigger.run}><Link to={`/runs/${trigger.run ?? ''}`}>{trigger.playbook}</Link></div>)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
