import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAddTask, useChangeTask, type CaseTask, type CaseView } from '../../api/cases';
import { useMay } from '../../api/queries';
import { TextField } from '../../parts/field';
import { Section } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { Ago, useNow } from '../../parts/time';
import { Foreign } from '../../parts/value';

/** What is to be done, what is late first, and what is done. */
export function CaseTasks({ view }: { readonly view: CaseView }) {
  const { t } = useTranslation();
  const may = useMay('WorkCases') && view.case.mergedInto === undefined;
  const due = (task: CaseTask) => (task.due === undefined ? Infinity : Date.parse(task.due));
  const tasks = [...view.tasks].sort((one, other) => Number(one.doneAt !== undefined) - Number(other.doneAt !== undefined) || (due(one) === due(other) ? one.number - other.number : due(one) - due(other)));
  return (
    <Section title={t('case.tasks')} aside={tasks.length > 0 ? t('case.tasksDone', { done: tasks.filter(task => task.doneAt !== undefined).length, all: tasks.length }) : undefined}>
      {tasks.length === 0 && <p className="soft">{t('case.noTasks')}</p>}
      <ul className="tasks">{tasks.map(task => <li key={task.number}><Task id={view.case.id} task={task} may={may} /></li>)}</ul>
      {may && <NewTask id={view.case.id} />}
    </Section>
  );
}

function Task({ id, task, may }: { readonly id: string; readonly task: CaseTask; readonly may: boolean }) {
  const { t } = useTranslation();
  const change = useChangeTask(id);
  const now = useNow();
  const done = task.doneAt !== undefined;
  const late = !done && task.due !== undefined && Date.parse(task.due) < now;
  return (
    <>
      <label className="check">
        <input type="checkbox" checked={done} disabled={!may || change.isPending} onChange={event => { change.send({ number: task.number, done: event.target.checked }, () => undefined); }} />
        <span><span className={done ? 'over' : ''}><Foreign text={task.title} /></span>{' '}
          <span className="soft small">{[task.assignee, done ? t('case.doneBy', { who: task.doneBy ?? '' }) : undefined].filter(part => part !== undefined).join(' · ')}</span>
          {task.due !== undefined && !done && <span className={`small ${late ? 'bad-text' : 'soft'}`}> {late ? t('inbox.overdue') : t('inbox.due')} <Ago at={task.due} /></span>}</span>
      </label>
      {change.error && <Problem error={change.error} />}
    </>
  );
}

function NewTask({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const add = useAddTask(id);
  const [title, setTitle] = useState('');
  const [assignee, setAssignee] = useState('');
  const [due, setDue] = useState('');
  const send = () => {
    add.send({ title: title.trim(), ...(assignee.trim() === '' ? {} : { assignee: assignee.trim() }), ...(due === '' ? {} : { due: new Date(due).toISOString() }) }, () => { setTitle(''); setAssignee(''); setDue(''); });
  };
  return (
    <details className="fold">
      <summary>{t('case.newTask')}</summary>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {add.error && <Problem error={add.error} />}
        <TextField label={t('case.taskTitle')} value={title} onValue={setTitle} required maxLength={300} />
        <div className="row top">
          <TextField label={`${t('case.assignee')} (${t('app.optional')})`} value={assignee} onValue={setAssignee} maxLength={64} autoComplete="off" />
          <TextField label={`${t('case.due')} (${t('app.optional')})`} type="datetime-local" value={due} onValue={setDue} />
          <button className="button small primary" disabled={add.isPending || title.trim() === ''}>{t('case.addTask')}</button>
        </div>
      </form>
    </details>
  );
}
