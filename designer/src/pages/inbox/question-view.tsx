import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useRun } from '../../api/queries';
import type { Json, Question, RunStory } from '../../api/types';
import { preparedSteps } from '../../model/question';
import { readRun } from '../../model/run-state';
import { useFormat } from '../../parts/format';
import { Facts, Section } from '../../parts/page';
import { ModeBadge } from '../../parts/pill';
import { Ago, At } from '../../parts/time';
import { Foreign, Value } from '../../parts/value';
import { AnswerBar } from './answer-bar';
import { QuestionPeople } from './question-people';

/** One question: what it would do, why it is asked, and the answer. */
export function QuestionView({ question, mine }: { readonly question: Question; readonly mine: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const story = useRun(question.run).data;
  return (
    <article className="question" aria-labelledby={`question-${question.id}`}>
      <p className="question-kind">{t(`kind.${question.kind}`)} {story && <ModeBadge mode={story.run.mode} />}{question.fourEyes && <span className="badge" title={t('inbox.fourEyesHelp')}>{t('inbox.fourEyes')}</span>}</p>
      <h2 id={`question-${question.id}`}><Foreign text={question.text} /></h2>
      <Facts rows={[
        [t('inbox.for'), question.mayAnswer.join(', ')],
        [t('inbox.asked'), <Ago at={question.askedAt} />],
        [t('inbox.until'), question.until === undefined ? t('inbox.noDeadline') : <><At at={question.until} /> (<Ago at={question.until} />)</>],
        [t('inbox.run'), <Link to={`/runs/${question.run}`}>{story ? `${story.run.playbook} ${story.run.version}` : question.run.slice(-8)}</Link>],
      ]} />
      {question.escalateTo !== undefined && question.escalateAt !== undefined && <p className="soft">{t('inbox.escalates', { who: question.escalateTo, when: format.clock(question.escalateAt) })}</p>}
      <WhatItDoes question={question} />
      {story && <Why story={story} />}
      <Votes question={question} />
      <QuestionPeople question={question} mine={mine} />
      <AnswerBar question={question} mine={mine} />
    </article>
  );
}

function WhatItDoes({ question }: { readonly question: Question }) {
  const { t } = useTranslation();
  const steps = preparedSteps(question.details);
  if (question.kind === 'UnknownOutcome') return <Section title={t('mark.unknown')}><p>{t('inbox.unknownText')}</p><Steps steps={steps} /></Section>;
  if (question.kind !== 'Approval') return null;
  if (steps.length === 0) return <p className="soft">{t('inbox.asksOnly')}</p>;
  return <Section title={t('inbox.willDo', { count: steps.length })}><Steps steps={steps} /></Section>;
}

function Steps({ steps }: { readonly steps: ReturnType<typeof preparedSteps> }) {
  const { t } = useTranslation();
  return (
    <ol className="prepared">
      {steps.map(step => (
        <li key={step.hash}>
          <div><strong><Foreign text={step.title ?? step.action} /></strong> <span className="soft">{t('inbox.on')}</span> <strong><Foreign text={step.instance} /></strong>{step.title !== undefined && <code className="soft"> {step.action}</code>}</div>
          <Value value={step.arguments as Json} />
        </li>
      ))}
    </ol>
  );
}

/** What the run knows by now: the alert that began it and every step that has ended. */
function Why({ story }: { readonly story: RunStory }) {
  const { t } = useTranslation();
  const started = story.timeline.find(entry => entry.kind === 'Started')?.payload as { alert?: { title?: string; severity?: number; detector?: string } } | undefined;
  const done = readRun(story.timeline).steps.filter(step => step.mark === 'done' && step.output !== undefined && step.output !== null);
  if (!started?.alert && done.length === 0) return null;
  return (
    <Section title={t('inbox.why')}>
      {started?.alert && <p>{t('inbox.whyAlert')}: <strong><Foreign text={started.alert.title ?? ''} /></strong> <span className="soft">{started.alert.detector} · {started.alert.severity}</span></p>}
      {done.map(step => (
        <details key={step.path} open={done.length <= 3}>
          <summary><code>{step.stepId}</code>{step.instance !== undefined && <span className="soft"> {t('inbox.on')} {step.instance}</span>}</summary>
          <Value value={step.output as Json} />
        </details>
      ))}
    </Section>
  );
}

function Votes({ question }: { readonly question: Question }) {
  const { t } = useTranslation();
  if (question.answers.length === 0 && question.quorum <= 1) return null;
  return (
    <Section title={t('inbox.votes')} aside={question.quorum > 1 ? t('inbox.quorum', { given: question.answers.filter(answer => answer.approve).length, count: question.quorum }) : undefined}>
      <ul className="plain-list">
        {question.answers.map(answer => <li key={answer.by}>{answer.by}: {answer.approve ? t('inbox.approved') : t('inbox.refused')} <Ago at={answer.at} />{answer.reason && <>: <Foreign text={answer.reason} /></>}</li>)}
      </ul>
    </Section>
  );
}
