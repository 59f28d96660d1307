import { useTranslation } from 'react-i18next';
import { useCaseCustody, type CaseEvidence, type CaseObservable, type CaseView } from '../../api/cases';
import { useFormat } from '../../parts/format';
import { Pill } from '../../parts/pill';
import { Foreign } from '../../parts/value';

const verdictLooks = { Unknown: ['plain', 'question'], Benign: ['good', 'check'], Suspicious: ['warn', 'alerts'], Malicious: ['bad', 'cross'] } as const;

export function Observables({ seen }: { readonly seen: readonly CaseObservable[] }) {
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

export function Evidence({ view }: { readonly view: CaseView }) {
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
