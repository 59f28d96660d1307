import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from '@tanstack/react-query';
import { rehearse, type Rehearsal, type RehearsalDifference, type RehearsedAlert, type RehearsedRun } from '../../../api/editor';
import type { Diagram } from '../../../model/diagram';
import { playedRun } from '../../../model/rehearsal';
import { marksOf, type RunState } from '../../../model/run-state';
import { Icon } from '../../../parts/icon';
import { Facts } from '../../../parts/page';
import { Pill, Result } from '../../../parts/pill';
import { Problem } from '../../../parts/problem';
import { Ago } from '../../../parts/time';
import { Foreign } from '../../../parts/value';
import { StepList } from './step-list';

/** What the text would have done about the last alerts; of the chosen one, what to draw. */
export function useRehearsal(playbook: string, diagram: Diagram, text: string) {
  const asked = useRef<AbortController>(undefined);
  const [chosen, setChosen] = useState<string>();
  const run = useMutation({
    mutationFn: async ({ source, refuse }: { source: string; refuse: boolean }) => {
      asked.current = new AbortController();
      return { text, ...await rehearse(playbook, source, refuse, asked.current.signal) };
    },
    onMutate: () => { setChosen(undefined); },
  });
  // The server stops when nobody waits any more.
  useEffect(() => () => { asked.current?.abort(); }, []);
  const { reset } = run;
  const stop = () => { asked.current?.abort(); reset(); };
  const isSame = run.data?.text === text;
  const shown = run.data?.alerts.find(each => each.alert === chosen);
  const state = useMemo(() => shown && playedRun(shown.draft.steps), [shown]);
  const marks = useMemo(() => state && isSame ? marksOf(diagram, state) : undefined, [state, isSame, diagram]);
  const taken = useMemo(() => shown && isSame ? new Set(shown.draft.taken) : undefined, [shown, isSame]);
  return { run, stop, isSame, shown, state, marks, taken, choose: setChosen };
}

interface RehearsalProps {
  readonly rehearsal: ReturnType<typeof useRehearsal>;
  readonly diagram: Diagram;
  readonly source: string;
  readonly errors: boolean;
  readonly onSelect: (id: string | undefined) => void;
}

/** "What would the last hundred alerts have done": the differences first; one that is clicked is drawn. */
export function RehearsalPanel({ rehearsal, diagram, source, errors, onSelect }: RehearsalProps) {
  const { t } = useTranslation();
  const { run, isSame, shown } = rehearsal;
  const [refuse, setRefuse] = useState(false);
  const differ = run.data?.alerts.filter(each => each.differences.length > 0).length ?? 0;
  return (
    <div className="side-body try">
      <div className="try-head">
        {run.data && <Pill tone={differ > 0 ? 'warn' : 'good'} icon={differ > 0 ? 'alerts' : 'check'}>{run.data.against === undefined ? t('rehearsal.played', { count: run.data.alerts.length }) : t('rehearsal.differ', { count: differ, all: run.data.alerts.length })}</Pill>}
        <span className="grow" />
        <label className="check"><input type="checkbox" checked={refuse} disabled={run.isPending} onChange={event => { setRefuse(event.target.checked); }} />{t('rehearsal.refuse')}</label>
        {run.isPending ? <button type="button" className="button small bad" onClick={rehearsal.stop}>{t('rehearsal.stop')}</button>
          : <button type="button" className="button small primary" disabled={errors} onClick={() => { run.mutate({ source, refuse }); }}><Icon name="play" size={13} />{t('rehearsal.start')}</button>}
      </div>
      {!run.data && !run.error && <p className="soft pad" role={run.isPending ? 'status' : undefined}>{run.isPending ? t('rehearsal.playing') : t('rehearsal.help')}</p>}
      {errors && <p className="warn-note">{t('try.errors')}</p>}
      {run.error && <Problem error={run.error} />}
      {run.data && !isSame && <p className="warn-note">{t('try.changed')}</p>}
      {run.data && <Notes view={run.data} />}
      <ul className="test-list">
        {run.data?.alerts.map(each => (
          <li key={each.alert}>
            <button type="button" className="alert-row" aria-expanded={each === shown} onClick={() => { rehearsal.choose(each === shown ? undefined : each.alert); }}>
              <strong>{each.number}</strong> <span className="grow"><Foreign text={each.title} /></span> <Verdict each={each} />
            </button>
            {each === shown && <Played each={each} state={rehearsal.state} diagram={diagram} onSelect={onSelect} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Notes({ view }: { readonly view: Rehearsal }) {
  const { t } = useTranslation();
  return (
    <>
      {view.against !== undefined && view.alerts.length > 0 && <p className="soft pad">{t('rehearsal.against', { version: view.against })}</p>}
      {view.problem !== undefined && <p className="warn-note">{t('rehearsal.alone')} {view.problem}</p>}
      {view.unreached > 0 && <p className="warn-note">{t('rehearsal.unreached', { count: view.unreached })}</p>}
      {view.alerts.length === 0 && view.unreached === 0 && <p className="soft pad">{t('rehearsal.noAlerts')}</p>}
    </>
  );
}

function Verdict({ each: { differences, draft } }: { readonly each: RehearsedAlert }) {
  const { t } = useTranslation();
  if (differences.length > 0) return <Pill tone="warn" icon="alerts">{t('rehearsal.differences', { count: differences.length })}</Pill>;
  return <span className="soft">{draft.outcome === undefined ? t(`rehearsal.verdict.${draft.verdict}`) : <Result result={{ kind: draft.outcome }} />}</span>;
}

function Played({ each, state, diagram, onSelect }: { readonly each: RehearsedAlert; readonly state: RunState | undefined; readonly diagram: Diagram; readonly onSelect: (id: string | undefined) => void }) {
  const { t } = useTranslation();
  return (
    <div className="played">
      <p className="soft"><Foreign text={`${each.category} · ${each.source}`} /> · <Ago at={each.receivedAt} /></p>
      {each.differences.length > 0 && <ul className="differences">{each.differences.map((difference, i) => <li key={i}><Difference difference={difference} /></li>)}</ul>}
      <Facts rows={[[t('rehearsal.draft'), <End run={each.draft} />], ...(each.published ? [[t('rehearsal.published'), <End run={each.published} />] as const] : [])]} />
      {each.draft.questions.map((question, i) => <p key={i}><Icon name="user" size={13} /> <Foreign text={question} /></p>)}
      {state && each.draft.verdict === 'Wanted' && <StepList shown={state.steps} diagram={diagram} open={false} onSelect={onSelect} />}
      {each.draft.left > 0 && <p className="soft">{t('rehearsal.left', { count: each.draft.left })}</p>}
    </div>
  );
}

function Difference({ difference: { kind, step, action, from, to } }: { readonly difference: RehearsalDifference }) {
  const { t } = useTranslation();
  const said = (value: string) => kind === 'Verdict' ? t(`rehearsal.verdict.${value as 'Wanted'}`) : value;
  return (
    <>
      <strong>{t(`rehearsal.kind.${kind}`)}</strong> {step !== '' && <code>{step}</code>} {action !== '' && <span className="soft">{action}</span>}
      {from !== undefined && <del><Foreign text={said(from)} /></del>}
      {to !== undefined && <ins><Foreign text={said(to)} /></ins>}
    </>
  );
}

function End({ run }: { readonly run: RehearsedRun }) {
  const { t } = useTranslation();
  if (run.outcome !== undefined) return <Result result={{ kind: run.outcome, ...(run.reason === undefined ? {} : { reason: run.reason }) }} />;
  return <>{t(`rehearsal.verdict.${run.verdict}`)}{run.reason !== undefined && <>: <Foreign text={run.reason} /></>}</>;
}
