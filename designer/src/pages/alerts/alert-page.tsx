import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useAlert, useAskAgain, useIdentity } from '../../api/queries';
import type { AlertRecord, Endpoint, TriggerAnswer } from '../../api/types';
import { notify } from '../../parts/notices';
import { Facts, Loaded, PageHead, Section } from '../../parts/page';
import { AlertPill, Pill, Severity, TlpBadge } from '../../parts/pill';
import { Problem } from '../../parts/problem';
import { Ago, At } from '../../parts/time';
import { Foreign, Value } from '../../parts/value';

export function AlertPage() {
  const { id = '' } = useParams();
  return <Loaded query={useAlert(id)}>{record => <OneAlert record={record} />}</Loaded>;
}

/** An alert: what was seen, which playbooks wanted it and which did not, and why. */
function OneAlert({ record }: { readonly record: AlertRecord }) {
  const { t } = useTranslation();
  const { alert } = record;
  const askAgain = useAskAgain(String(record.number));
  const mayAsk = useIdentity().data?.permissions.includes('StartRuns') ?? false;
  return (
    <div className="page">
      <PageHead title={t('alert.title', { number: record.number })} facts={<><AlertPill state={record.state} /><Severity value={alert.severity} />{alert.tlp !== undefined && <TlpBadge tlp={alert.tlp} />}<span>{record.source}</span><Ago at={record.receivedAt} />{record.caseNumber !== undefined && <Link to={`/cases/${record.caseNumber}`}>{t('case.title', { number: record.caseNumber })}</Link>}</>}
        actions={mayAsk && record.state !== 'Waiting' && <button type="button" className="button" disabled={askAgain.isPending} onClick={() => { askAgain.send(undefined, () => { notify(t('alert.asked')); }); }}>{t('alert.askAgain')}</button>} />
      {askAgain.error && <Problem error={askAgain.error} />}
      <p className="big"><Foreign text={alert.title} /></p>
      {record.reason !== undefined && <p className="warn-note"><Foreign text={record.reason} /></p>}
      {record.resolvedAt !== undefined && <p className="good-note">{t('alert.resolved', { when: new Date(record.resolvedAt).toLocaleString() })}</p>}
      <div className="columns">
        <div>
          <Section title={t('alert.what')}>
            <Facts rows={[
              [t('alerts.category'), alert.category],
              [t('alert.time'), <At at={alert.time} />],
              [t('alert.detector'), <Foreign text={alert.detector} />],
              ...(alert.ruleId === undefined ? [] : [[t('alert.rule'), <code>{alert.ruleId}</code>] as const]),
              ...(alert.source === undefined ? [] : [[t('alert.from'), <Side side={alert.source} />] as const]),
              ...(alert.destination === undefined ? [] : [[t('alert.to'), <Side side={alert.destination} />] as const]),
            ]} />
          </Section>
          {alert.observables.length > 0 && <Section title={t('alert.observables')}><table className="table"><tbody>{alert.observables.map((seen, i) => <tr key={i}><td className="soft">{seen.type}</td><td className="mono fill"><Foreign text={seen.value} max={300} /></td></tr>)}</tbody></table></Section>}
        </div>
        <div>
          <Section title={t('alert.triggers')}>{record.triggers.length === 0 ? <p className="soft">{t('alert.noTriggers')}</p> : <ul className="plain-list">{record.triggers.map(trigger => <li key={trigger.playbook}><Trigger trigger={trigger} /></li>)}</ul>}</Section>
          {alert.payload !== undefined && <Section title={t('alert.payload')}><Value value={alert.payload} /></Section>}
        </div>
      </div>
    </div>
  );
}

function Side({ side }: { readonly side: Endpoint }) {
  const address = side.ip ?? side.host ?? side.user ?? '';
  return <span className="mono"><Foreign text={`${address}${side.port === undefined ? '' : `:${side.port}`}`} />{side.host !== undefined && side.ip !== undefined && <> <span className="soft"><Foreign text={side.host} /></span></>}</span>;
}

function Trigger({ trigger }: { readonly trigger: TriggerAnswer }) {
  const { t } = useTranslation();
  const look = { Started: ['good', 'check'], NotWanted: ['plain', 'minus'], Failed: ['bad', 'cross'] } as const;
  const [tone, icon] = look[trigger.verdict];
  return (
    <div className="trigger">
      <div className="row"><Pill tone={tone} icon={icon}>{t(`verdict.${trigger.verdict}`)}</Pill><Link to={`/playbooks/${encodeURIComponent(trigger.playbook)}`}>{trigger.playbook}</Link><span className="soft">{trigger.version}</span>{trigger.run !== undefined && <Link to={`/runs/${trigger.run}`}>{t('inbox.run')} {trigger.run.slice(-8)}</Link>}</div>
      {trigger.when !== '' && <pre className="code-block" aria-label={t('alert.condition')}>{trigger.when}</pre>}
      {trigger.message !== undefined && <p className="bad-text"><Foreign text={trigger.message} /></p>}
    </div>
  );
}
