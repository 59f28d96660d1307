import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useConnectors, type Connector } from '../../api/connectors';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Pill } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { HealthPill } from './connector-pills';

/** What this deployment is connected to, and whether it answers. */
export function ConnectorsPage() {
  const { t } = useTranslation();
  return (
    <div className="page">
      <PageHead title={t('connectors.title')} />
      <Loaded query={useConnectors()}>{connectors => connectors.length === 0 ? <Empty title={t('connectors.emptyTitle')} text={t('connectors.emptyText')} /> : <Table connectors={connectors} />}</Loaded>
    </div>
  );
}

function Table({ connectors }: { readonly connectors: readonly Connector[] }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('connectors.title')}>
      <table className="table">
        <thead><tr><th>{t('connectors.instance')}</th><th>{t('connectors.type')}</th><th>{t('connectors.health')}</th><th>{t('connectors.brings')}</th><th className="number">{t('connectors.usedBy')}</th><th>{t('connectors.proven')}</th><th>{t('connectors.alerts')}</th></tr></thead>
        <tbody>
          {connectors.map(one => (
            <tr key={one.name}>
              <td><Link className="row-link" to={`/connectors/${encodeURIComponent(one.name)}`}>{one.name}</Link> {one.default && <span className="badge">{t('connectors.default')}</span>}</td>
              <td>{one.type}</td>
              <td><HealthPill connector={one} /> {one.heldBy.length > 0 && <Pill tone="bad" icon="stop">{t('connectors.stopped')}</Pill>}{one.lastTest !== undefined && <span className="soft small"> <Ago at={one.lastTest.at} /></span>}</td>
              <td>{one.capabilities.join(', ')}</td>
              <td className="number">{one.playbooks.length}</td>
              <td>{one.proven === undefined ? <span className="soft">{t('connectors.unproven')}</span> : <Pill tone="good" icon="check">{t('connectors.isProven')}</Pill>}</td>
              <td>{one.alerts === undefined ? <span className="soft">–</span> : <>{one.alerts.alerts} <span className="soft small"><Ago at={one.alerts.lastAt} /></span></>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
