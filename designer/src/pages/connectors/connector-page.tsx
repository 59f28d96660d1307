import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useConnector, useTestConnector, type Connector, type ConnectorAction, type Setting } from '../../api/connectors';
import { useMay } from '../../api/queries';
import { useFormat } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Facts, Loaded, PageHead, Section } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { HealthPill, TestPill } from './connector-pills';

export function ConnectorPage() {
  const { name = '' } = useParams();
  return <Loaded query={useConnector(name)}>{({ connector, actions }) => <OneConnector key={name} connector={connector} actions={actions} />}</Loaded>;
}

/** One instance: whether it answers, how it is set (never a secret), what it brings, who uses it, what it is proven against. */
function OneConnector({ connector, actions }: { readonly connector: Connector; readonly actions: readonly ConnectorAction[] }) {
  const { t } = useTranslation();
  const test = useTestConnector();
  const mayTest = useMay('TestConnectors');
  return (
    <div className="page">
      <PageHead title={connector.name} facts={<><HealthPill connector={connector} /><span>{connector.type}</span>{connector.default && <span className="badge">{t('connectors.default')}</span>}</>}
        actions={mayTest && <button type="button" className="button primary" disabled={test.isPending} onClick={() => { test.send(connector.name, () => undefined); }}><Icon name="link" size={14} />{t(test.isPending ? 'connectors.testing' : 'connectors.test')}</button>} />
      <p>{connector.summary}</p>
      {test.error && <Problem error={test.error} />}
      {connector.lastTest !== undefined && <LastTest connector={connector} />}
      {connector.heldBy.length > 0 && <p className="bad-note"><Link to="/kill-switches">{t('connectors.heldBy', { count: connector.heldBy.length })}</Link></p>}
      <Facts rows={[
        [t('connectors.brings'), connector.capabilities.join(', ')],
        [t('connectors.clearance'), connector.clearance.join(', ')],
        [t('connectors.rate'), connector.rate ?? t('connectors.noRate')],
        [t('connectors.proven'), connector.proven === undefined ? <span className="warn-text">{t('connectors.unprovenLong')}</span> : <Foreign text={connector.proven} />],
        ...(connector.alerts === undefined ? [] : [[t('connectors.alerts'), <>{t('connectors.handedOver', { count: connector.alerts.alerts })} <Ago at={connector.alerts.lastAt} />{connector.alerts.unreadable > 0 && <span className="bad-text"> {t('connectors.unreadable', { count: connector.alerts.unreadable })}</span>}</>] as const]),
      ]} />
      <div className="columns">
        <Section title={t('connectors.settings')} aside={t('connectors.settingsWhere')}>{connector.settings.length === 0 ? <p className="soft">{t('app.none')}</p> : <Settings settings={connector.settings} />}</Section>
        <div>
          <Section title={t('connectors.usedBy')}>{connector.playbooks.length === 0 ? <p className="soft">{t('connectors.unused')}</p> : <ul className="plain-list">{connector.playbooks.map(playbook => <li key={playbook}><Link to={`/playbooks/${encodeURIComponent(playbook)}`}>{playbook}</Link></li>)}</ul>}</Section>
          <Section title={t('connectors.actions')}>{actions.length === 0 ? <p className="soft">{t('app.none')}</p> : <ul className="plain-list">{actions.map(action => <li key={action.id}><Action action={action} /></li>)}</ul>}</Section>
        </div>
      </div>
    </div>
  );
}

/** What it answered, word for word: a refused log-in says more than "failed". */
function LastTest({ connector }: { readonly connector: Connector }) {
  const { t } = useTranslation();
  const format = useFormat();
  const test = connector.lastTest;
  if (test === undefined) return null;
  return <div className={test.ok === false ? 'bad-note' : test.ok === true ? 'good-note' : 'outcome'} role="status"><TestPill test={test} /> <Foreign text={test.message} /> <span className="small">{t('connectors.testedBy', { who: test.by, took: format.length(test.tookMs) })} <Ago at={test.at} /></span></div>;
}

function Settings({ settings }: { readonly settings: readonly Setting[] }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('connectors.settings')}>
      <table className="table">
        <thead><tr><th>{t('connectors.setting')}</th><th>{t('case.value')}</th></tr></thead>
        <tbody>{settings.map(one => <tr key={one.setting}><td><code>{one.setting}</code></td><td className="fill">{one.secret ? <span className="badge">{t('connectors.secret')}</span> : <span className="mono"><Foreign text={one.value ?? ''} max={400} /></span>}{one.about !== undefined && <div className="soft small">{one.about}</div>}</td></tr>)}</tbody>
      </table>
    </div>
  );
}

function Action({ action }: { readonly action: ConnectorAction }) {
  const { t } = useTranslation();
  return <><code>{action.signature}</code> <span className="badge">{action.effect === 'ReadsOnly' ? t('connectors.reads') : t(`effect.${action.effect}`)}</span>{action.facts.length > 0 && <div className="soft small">{action.facts.join(' · ')}</div>}</>;
}
