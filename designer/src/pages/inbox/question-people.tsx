import { useTranslation } from 'react-i18next';
import { useQuestionPeople, type Told } from '../../api/people';
import { useIdentity } from '../../api/queries';
import type { Question } from '../../api/types';
import { Section } from '../../parts/page';
import { Pill } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';

const looks = { Waiting: ['busy', 'clock'], Sent: ['good', 'check'], GivenUp: ['bad', 'cross'] } as const;

/** Who is asked and who heard of it; whose say went to whom; and for whoever may not answer, why. */
export function QuestionPeople({ question, mine }: { readonly question: Question; readonly mine: boolean }) {
  const { t } = useTranslation();
  const me = useIdentity().data?.name;
  const people = useQuestionPeople(question.id).data;
  const barred = people?.asked.find(person => person.name === me)?.barred;
  return (
    <>
      {question.claimedBy !== undefined && question.claimedAt !== undefined && <p className="draft-note">{question.claimedBy === me ? t('inbox.youSeeToIt') : t('inbox.seesToIt', { who: question.claimedBy })} <Ago at={question.claimedAt} /></p>}
      {!mine && question.status === 'Open' && <p className="soft">{barred === undefined ? t('inbox.notYours', { who: question.mayAnswer.join(', ') }) : t('inbox.barred', { why: barred })}</p>}
      {people && (people.asked.length > 0 || people.told.length > 0) && (
        <Section title={t('inbox.people')}>
          <ul className="plain-list people">
            {people.asked.map(person => <li key={person.name}><strong>{person.name}</strong> <span className="soft">{person.as}</span> {person.barred !== undefined && <Pill tone="plain" icon="minus">{t('inbox.barredShort')}</Pill>} <Heard told={people.told.filter(told => told.person === person.name)} />{person.barred !== undefined && <span className="soft small"> {person.barred}</span>}</li>)}
            {people.told.filter(told => !people.asked.some(person => person.name === told.person)).map((told, i) => <li key={`told-${i}`}>{told.person} <Heard told={[told]} /></li>)}
          </ul>
        </Section>
      )}
      {question.delegations.length > 0 && <Section title={t('inbox.handedOnHead')}><ul className="plain-list">{question.delegations.map((one, i) => <li key={i}>{t('inbox.fromTo', { from: one.from, to: one.to, role: one.as })} <Ago at={one.at} />: <Foreign text={one.reason} max={400} /></li>)}</ul></Section>}
    </>
  );
}

/** The newest notice, and how many there were. */
function Heard({ told }: { readonly told: readonly Told[] }) {
  const { t } = useTranslation();
  const last = told.at(-1);
  if (last === undefined) return null;
  const [tone, icon] = looks[last.state];
  return <><Pill tone={tone} icon={icon}>{t(`inbox.told.${last.state}`)}</Pill> <span className="soft small">{t(`inbox.channel.${last.channel}`)} <Ago at={last.endedAt ?? last.at} />{told.length > 1 && ` · ${t('alerts.times', { count: told.length })}`}{last.problem !== undefined && <>: <Foreign text={last.problem} max={300} /></>}</span></>;
}
