import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { answerDryRun, dryRun, goOn, useStop, type Trial } from '../../../api/editor';
import { useAlerts, useControlRun, useRun } from '../../../api/queries';
import type { Alert, AnswerWord, Question, RunStory } from '../../../api/types';
import { nodeAt, toggled } from '../../../model/breakpoints';
import type { Diagram, DiagramHeader } from '../../../model/diagram';
import { marksOf, readRun } from '../../../model/run-state';
import { Field, TextArea, TextField } from '../../../parts/field';
import { Icon } from '../../../parts/icon';
import { Result, RunPill } from '../../../parts/pill';
import { Problem } from '../../../parts/problem';
import { Foreign, Value } from '../../../parts/value';
import { useWaits } from '../../runs/waits';
import { StepList } from './step-list';

/** The dry run that was started last: its story, what each thing of the picture came to, and whether the text is still the one that ran. */
export function useDryRun(playbook: string, diagram: Diagram, text: string) {
  const client = useQueryClient();
  const [begun, setBegun] = useState<{ readonly id: string; readonly text: string }>();
  const [breakpoints, setBreakpoints] = useState<ReadonlySet<string>>(new Set());
  const start = useMutation({
    mutationFn: (trial: Omit<Trial, 'breakpoints'>) => dryRun(playbook, { ...trial, breakpoints: [...breakpoints] }),
    onSuccess: ({ id }) => { setBegun({ id, text }); },
  });
  const id = begun?.id ?? '';
  const story = useRun(id, begun !== undefined).data;
  const isPaused = story?.run.status === 'Paused';
  const at = useStop(id, isPaused).data?.at;
  const stop = isPaused ? at : undefined;
  const goes = useMutation({ mutationFn: (step: boolean) => goOn(id, [...breakpoints], step), onSettled: () => client.invalidateQueries({ queryKey: ['run', id] }) });
  const state = useMemo(() => story ? readRun(story.timeline) : undefined, [story]);
  // Ids of steps may have moved since: marks belong to the picture of the text that ran.
  const isSame = begun?.text === text;
  const marks = useMemo(() => {
    if (!state || !isSame) return undefined;
    const drawn = marksOf(diagram, state);
    const node = stop && nodeAt(diagram, stop.step);
    if (node !== undefined) drawn.set(node, { mark: 'waiting', done: drawn.get(node)?.done ?? 0, total: (drawn.get(node)?.total ?? 0) + 1 });
    return drawn;
  }, [state, isSame, diagram, stop]);
  const stops = useMemo(() => new Set(diagram.nodes.filter(node => node.stepId !== undefined && breakpoints.has(node.stepId)).map(node => node.id)), [diagram, breakpoints]);
  const toggle = (step: string) => { setBreakpoints(now => toggled(now, step)); };
  return { start, story, state, stop, goes, marks, stops, toggle, isSame, forget: () => { setBegun(undefined); } };
}

interface DryRunProps {
  readonly dry: ReturnType<typeof useDryRun>;
  readonly header: DiagramHeader;
  readonly diagram: Diagram;
  readonly selected: string | undefined;
  readonly source: string;
  readonly errors: boolean;
  readonly onSelect: (id: string | undefined) => void;
}

/** Runs what stands in the editor without touching anything, on an alert that came in once or one that is pasted. */
export function DryRun(props: DryRunProps) {
  const { dry } = props;
  const { t } = useTranslation();
  return <div className="side-body try"><h2 className="hidden">{t('editor.side.run')}</h2>{dry.story ? <Story {...props} story={dry.story} /> : <Begin {...props} />}</div>;
}

function Begin({ dry, header, source, errors }: DryRunProps) {
  const { t } = useTranslation();
  const alerts = useAlerts(undefined).data ?? [];
  const [chosen, setChosen] = useState(header.triggers.some(trigger => trigger.startsWith('On.Alert')) ? 'pasted' : '');
  const [pasted, setPasted] = useState('');
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [wrong, setWrong] = useState<string>();
  const choose = (id: string) => {
    setChosen(id);
    const alert = alerts.find(each => each.id === id)?.alert;
    // One that came in is the beginning of what is tried: it may be changed before.
    if (alert) setPasted(JSON.stringify(alert, null, 1));
  };
  const begin = (step: boolean) => {
    let alert: Alert | undefined;
    try {
      alert = chosen === '' || pasted.trim() === '' ? undefined : (JSON.parse(pasted) as Alert);
      setWrong(undefined);
    } catch (problem) {
      setWrong(t('try.noJson', { problem: String(problem instanceof Error ? problem.message : problem) }));
      return;
    }
    const inputs = Object.fromEntries(Object.entries(typed).filter(([, value]) => value.trim() !== '').map(([name, value]) => [name, value.trim()]));
    dry.start.mutate({ source, inputs, step, ...(alert === undefined ? {} : { alert }) });
  };
  return (
    <form className="pad" onSubmit={event => { event.preventDefault(); begin(false); }}>
      <p className="soft">{t('try.dryHelp')}</p>
      {dry.start.error && <Problem error={dry.start.error} />}
      <Field label={t('try.alert')}>
        {id => (
          <select id={id} className="input" value={chosen} onChange={event => { choose(event.target.value); }}>
            <option value="">{t('try.noAlert')}</option>
            <option value="pasted">{t('try.pasted')}</option>
            {alerts.slice(0, 100).map(each => <option key={each.id} value={each.id}>{`${String(each.number)} · ${each.alert.category} · ${each.alert.title.slice(0, 80)}`}</option>)}
          </select>
        )}
      </Field>
      {chosen !== '' && <TextArea label={t('try.pastedLabel')} rows={6} spellCheck={false} placeholder={sample} value={pasted} onValue={setPasted} />}
      {wrong !== undefined && <p className="bad-note" role="alert">{wrong}</p>}
      {header.inputs.map(input => <TextField key={input.name} label={input.name} help={[input.description, input.default === undefined ? '' : t('editor.unless', { value: input.default }), input.from === undefined ? '' : t('playbook.fromAlert')].filter(part => part !== '').join(' · ')}
        value={typed[input.name] ?? ''} onValue={value => { setTyped({ ...typed, [input.name]: value }); }} />)}
      {errors && <p className="warn-note">{t('try.errors')}</p>}
      <button className="button primary" disabled={errors || dry.start.isPending}><Icon name="play" size={14} />{dry.start.isPending ? t('try.starting') : t('playbook.startDry')}</button>
      <button type="button" className="button" disabled={errors || dry.start.isPending} onClick={() => { begin(true); }}>{t('try.stepwise')}</button>
      <p className="soft">{t('try.breakHelp')}</p>
    </form>
  );
}

const sample = '{"id": "1", "detector": "siem", "title": "…", "category": "intrusion",\n "severity": 80, "time": "2026-11-30T03:00:00Z", "source": {"ip": "203.0.113.7"}}';

function Story({ dry, diagram, selected, onSelect, story }: DryRunProps & { readonly story: RunStory }) {
  const { t } = useTranslation();
  const { run } = story;
  const waits = useWaits(run);
  const control = useControlRun(run.id);
  const thing = diagram.nodes.find(node => node.id === selected) ?? diagram.groups.find(group => group.id === selected);
  const steps = dry.state?.steps ?? [];
  const shown = dry.isSame && thing?.stepId !== undefined ? dry.state?.byStepId.get(thing.stepId) ?? [] : steps;
  const open = story.questions.filter(question => question.status === 'Open');
  const over = run.endedAt !== undefined;
  return (
    <>
      <div className="try-head">
        <RunPill status={run.status} />{run.result !== undefined && <span className="grow"><Result result={run.result} /></span>}{run.result === undefined && waits !== '' && <span className="grow soft">{waits}</span>}
        <Link className="button small" to={`/runs/${run.id}`}>{t('try.open')}</Link>
        {over ? <button type="button" className="button small" onClick={dry.forget}><Icon name="retry" size={13} />{t('try.again')}</button>
          : <button type="button" className="button small bad" onClick={() => { control.send({ what: 'cancel', reason: '' }, dry.forget); }}>{t('run.cancel')}</button>}
      </div>
      {!dry.isSame && <p className="warn-note">{t('try.changed')}</p>}
      {run.status === 'Paused' && <Stopped dry={dry} diagram={diagram} onSelect={onSelect} />}
      {open.map(question => <Answer key={question.id} question={question} run={run.id} />)}
      {shown !== steps && <div className="selected-bar"><span>{thing?.label}</span><button type="button" className="button small" onClick={() => { onSelect(undefined); }}>{t('app.all')}</button></div>}
      <StepList shown={shown} diagram={diagram} open={shown !== steps} onSelect={onSelect} />
    </>
  );
}

/** It stands before a step: what that would get, and the ways on. */
function Stopped({ dry: { stop, goes }, diagram, onSelect }: { readonly dry: ReturnType<typeof useDryRun>; readonly diagram: Diagram; readonly onSelect: (id: string | undefined) => void }) {
  const { t } = useTranslation();
  const node = stop && nodeAt(diagram, stop.step);
  return (
    <div className="try-question" role="group" aria-label={t('try.stopped')}>
      {stop && <p><strong>{t('try.stopped')}</strong> <button type="button" className="link" onClick={() => { onSelect(node); }}>{stop.title ?? stop.step}</button> <code className="soft">{stop.action}</code>{stop.instance !== '' && <span className="soft"> {stop.instance}</span>}</p>}
      {stop && <Value value={stop.arguments} />}
      {goes.error && <Problem error={goes.error} />}
      <div className="row">
        <button type="button" className="button small primary" disabled={goes.isPending} onClick={() => { goes.mutate(true); }}>{t('try.step')}</button>
        <button type="button" className="button small" disabled={goes.isPending} onClick={() => { goes.mutate(false); }}><Icon name="play" size={13} />{t('try.continue')}</button>
      </div>
    </div>
  );
}

/** In a dry run whoever started it answers for everybody. A form is answered where forms are. */
function Answer({ question, run }: { readonly question: Question; readonly run: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const answer = useMutation({ mutationFn: (word: AnswerWord) => answerDryRun(question.id, word, word === 'refuse' ? t('try.refusedReason') : ''), onSettled: () => client.invalidateQueries({ queryKey: ['run', run] }) });
  const yes = question.kind === 'Todo' ? 'done' : 'approve';
  return (
    <div className="try-question" role="group" aria-label={t('run.answer')}>
      <p><Foreign text={question.text} /></p>
      {answer.error && <Problem error={answer.error} />}
      <div className="row">
        {question.kind === 'Approval' || question.kind === 'Todo'
          ? <><button type="button" className="button small good" disabled={answer.isPending} onClick={() => { answer.mutate(yes); }}>{t(yes === 'done' ? 'inbox.done' : 'inbox.approve')}</button><button type="button" className="button small bad" disabled={answer.isPending} onClick={() => { answer.mutate('refuse'); }}>{t('inbox.refuse')}</button></>
          : <Link className="button small" to={`/inbox/${question.id}?for=everybody`}>{t('run.answer')}</Link>}
      </div>
    </div>
  );
}
