import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useAnswer } from '../../api/queries';
import type { AnswerWord, Json, Question } from '../../api/types';
import { formFields, formValue, type FormField } from '../../model/question';
import { Field, TextArea } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';
import { isTyping } from './inbox-page';
import { SayActions } from './say-actions';

/** The answer: one press to approve, a reason to refuse. */
export function AnswerBar({ question, mine }: { readonly question: Question; readonly mine: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const answer = useAnswer();
  const [reason, setReason] = useState('');
  const [refusing, setRefusing] = useState(false);
  const reasonField = useRef<HTMLDivElement>(null);
  const words = wordsOf(question);
  const ready = useShownFor(readFirst);
  const idle = ready && !answer.isPending;

  const send = (word: AnswerWord, value?: Json) => {
    answer.send({ id: question.id, answer: word, reason, ...(value === undefined ? {} : { value }) }, after => {
      notify(after.status === 'Open' ? t('inbox.answeredMore') : t('inbox.answered'));
      void navigate('/inbox');
    });
  };
  const refuse = () => {
    if (words.no === 'not-done' || reason.trim() !== '') send(words.no);
    else {
      setRefusing(true);
      reasonField.current?.querySelector('textarea')?.focus();
    }
  };
  const yes = words.yes;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!mine || !idle || event.repeat || isTyping(event)) return;
      if (event.key === 'a' && yes !== undefined) send(yes);
      else if (event.key === 'r') {
        event.preventDefault();
        refuse();
      } else if (event.key === 'Enter' && event.target === document.body) void navigate(`/runs/${question.run}`);
    };
    document.addEventListener('keydown', press);
    return () => { document.removeEventListener('keydown', press); };
  });

  if (question.status !== 'Open') return null;
  if (!mine) return null;
  return (
    <div className="answer">
      {answer.error && <Problem error={answer.error} />}
      {question.kind === 'Form' && <Form fields={formFields(question.details)} onSend={value => { send('approve', value); }} />}
      <div ref={reasonField}><TextArea label={refusing ? t('inbox.reasonRefuse') : t('inbox.reasonApprove')} value={reason} onValue={setReason} aria-invalid={refusing && reason.trim() === ''} maxLength={2000} /></div>
      <div className="row">
        {yes !== undefined && <button type="button" className="button good" disabled={!idle} onClick={() => { send(yes); }}><Icon name="check" />{t(words.yesText)}<kbd aria-hidden="true">a</kbd></button>}
        <button type="button" className="button bad" disabled={!idle} onClick={refuse}><Icon name="cross" />{t(words.noText)}<kbd aria-hidden="true">r</kbd></button>
        <SayActions question={question} />
        <span className="soft keys">{t('inbox.keys')}</span>
      </div>
    </div>
  );
}

/** An answered question makes room for the next one under the same finger: nobody can have read that one yet. */
const readFirst = 700;

function useShownFor(milliseconds: number): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => { setShown(true); }, milliseconds);
    return () => { clearTimeout(timer); };
  }, [milliseconds]);
  return shown;
}

interface Words {
  /** Undefined for a form, which is sent instead. */
  readonly yes?: AnswerWord;
  readonly yesText: 'inbox.approve' | 'inbox.done';
  readonly no: AnswerWord;
  readonly noText: 'inbox.refuse' | 'inbox.notDone';
}

function wordsOf(question: Question): Words {
  switch (question.kind) {
    case 'Approval': return { yes: 'approve', yesText: 'inbox.approve', no: 'refuse', noText: 'inbox.refuse' };
    case 'Todo': return { yes: 'done', yesText: 'inbox.done', no: 'refuse', noText: 'inbox.refuse' };
    case 'UnknownOutcome': return { yes: 'done', yesText: 'inbox.done', no: 'not-done', noText: 'inbox.notDone' };
    case 'Form': return { yesText: 'inbox.approve', no: 'refuse', noText: 'inbox.refuse' };
  }
}

function Form({ fields, onSend }: { readonly fields: readonly FormField[]; readonly onSend: (value: Json) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const missing = fields.filter(field => field.required && (typed[field.name] ?? '').trim() === '').map(field => field.name);
  const submit = () => {
    const values = fields.map(field => [field.name, formValue(field, typed[field.name] ?? '')] as const).filter(([, value]) => value !== undefined);
    onSend(Object.fromEntries(values) as Json);
  };
  return (
    <form className="form" aria-label={t('inbox.form')} onSubmit={event => { event.preventDefault(); submit(); }}>
      {fields.map(field => (
        <Field key={field.name} label={field.required ? field.name : `${field.name} (${t('app.optional')})`}>
          {id => <FieldInput id={id} field={field} value={typed[field.name] ?? ''} onValue={value => { setTyped({ ...typed, [field.name]: value }); }} />}
        </Field>
      ))}
      <button className="button good" disabled={missing.length > 0} title={missing.length > 0 ? t('inbox.missing', { fields: missing.join(', ') }) : undefined}>{t('inbox.send')}</button>
    </form>
  );
}

function FieldInput({ id, field, value, onValue }: { readonly id: string; readonly field: FormField; readonly value: string; readonly onValue: (value: string) => void }) {
  if (field.type === 'choice' || field.type === 'bool') {
    return (
      <select id={id} className="input select" value={value} required={field.required} onChange={event => { onValue(event.target.value); }}>
        <option value="" />
        {(field.choices ?? ['true', 'false']).map(choice => <option key={choice} value={choice}>{choice}</option>)}
      </select>
    );
  }
  const type = field.type === 'int' || field.type === 'number' ? 'number' : field.type === 'date' ? 'date' : 'text';
  return <input id={id} className="input" type={type} step={field.type === 'number' ? 'any' : undefined} value={value} required={field.required} onChange={event => { onValue(event.target.value); }} />;
}
