import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useCase, useCaseCustody } from '../../api/queries';
import type { CaseEvidence, CaseObservable, CaseView } from '../../api/types';
import { useFormat } from '../../parts/format';
import { Loaded, PageHead, Section } from '../../parts/page';
import { Pill, Severity, TlpBadge } from '../../parts/pill';
import { Ago, At } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { ContainmentsTable } from '../containments/containments-table';
import { RunsTable } from '../runs/runs-table';

export function CasePage() {
  const { id = '' } = useParams();
  return <Loaded query={useCase(id)}>{view => <OneCase view={view} />}</Loaded>;
}

/** Everything that lies in a case. Notes are shown as they were written: Markdown from outside is text here. */
function OneCase({ view }: { readonly view: CaseView }) {
  const { t } = useTranslation();
  return (
    <div className="page">
      <PageHead title={t('case.title', { number: view.case.number })} facts={<><Severity value={view.case.severity} /><TlpBadge tlp={view.case.tlp} /><span>{t('cases.opened')} <Ago at={view.case.openedAt} /></span><span>{view.case.openedBy}</span></>} />
      <p className="big"><Foreign text={view.case.title} /></p>
      <div className="columns">
        <div>
          <Section title={t('case.observables')}>{view.observables.length === 0 ? <p className="soft">{t('case.noObservables')}</p> : <Observables seen={view.observables} />}</Section>
          <Section title={t('case.evidence')}>{view.evidence.length === 0 ? <p className="soft">{t('case.noEvidence')}</p> : <Evidence view={view} />}</Section>
        </div>
        <Section title={t('case.notes')}>
          {view.notes.length === 0 ? <p className="soft">{t('case.noNotes')}</p> : view.notes.map((note, i) => (
            <article key={i} className="note"><header className="soft small"><At at={note.at} /> · <Link to={`/runs/${note.run}`}><code>{note.run.slice(-8)}</code></Link></header><p className="written"><Foreign text={note.text} max={20_000} /></p></article>
          ))}
        </Section>
      </div>
      <Section title={t('case.runs')}><RunsTable runs={view.runs} /></Section>
      <Section title={t('case.containments')}>{view.containments.length === 0 ? <p className="soft">{t('case.noContainments')}</p> : <ContainmentsTable containments={view.containments} />}</Section>
    </div>
  );
}

const verdictLooks = { Unknown: ['plain', 'question'], Benign: ['good', 'check'], Suspicious: ['warn', 'alerts'], Malicious: ['bad', 'cross'] } as const;

function Observables({ seen }: { readonly seen: readonly CaseObservable[] }) {
  const { t } = useTranslation();
  return (
    <table className="table">
      <thead><tr><th>{t('case.type')}</th><th>{t('case.value')}</th><th>{t('case.verdict')}</th></tr></thead>
      <tbody>
        {seen.map((each, i) => {
          const [tone, icon] = verdictLooks[each.verdict];
          return <tr key={i}><td className="soft">{each.observable.type}</td><td className="mono fill"><Foreign text={each.observable.value} max={300} /></td><td><Pill tone={tone} icon={icon}>{t(`verdict.${each.verdict}`)}</Pill></td></tr>;
        })}
      </tbody>
    </table>
  );
}

function Evidence({ view }: { readonly view: CaseView }) {
  const { t } = useTranslation();
  const custody = useCaseCustody(view.case.id).data;
  return (
    <>
      {custody && <p className={custody.problem === undefined ? 'good-note' : 'bad-note'}>{custody.problem === undefined ? t('case.custodyOk') : t('case.custodyBroken', { problem: custody.problem })}</p>}
      <ul className="plain-list">{view.evidence.map(evidence => <li key={evidence.item.id}><Piece evidence={evidence} problem={custody?.evidence[evidence.item.id]} /></li>)}</ul>
    </>
  );
}

function Piece({ evidence, problem }: { readonly evidence: CaseEvidence; readonly problem: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { item } = evidence;
  return (
    <div className="evidence">
      <strong><Foreign text={item.artifact.name} max={160} /></strong> <span className="soft">{item.artifact.mediaType} · {format.bytes(item.artifact.size)}</span>
      {item.description !== '' && <div><Foreign text={item.description} /></div>}
      <div className="soft small mono">SHA-256 {item.artifact.sha256}</div>
      {evidence.custody.map(link => <div key={link.number} className="soft small">{t('case.sealed', { when: format.dateTime(link.at), who: link.who })}</div>)}
      {problem !== undefined && <p className="bad-text">{problem}</p>}
    </div>
  );
}
