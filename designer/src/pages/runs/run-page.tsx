import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useRunEvents } from '../../api/live';
import { useRun, useRunVersion } from '../../api/queries';
import type { RunEvent, RunStory } from '../../api/types';
import { readDiagram, type Diagram } from '../../model/diagram';
import { frontOf, marksOf, readRun, withRunning, type RunState } from '../../model/run-state';
import { Loaded, PageHead } from '../../parts/page';
import { ModeBadge, Result, RunPill } from '../../parts/pill';
import { Ago, Elapsed } from '../../parts/time';
import { RunActions } from './run-actions';
import { RunPanel } from './run-panel';
import { useWaits } from './waits';

const DiagramCanvas = lazy(async () => ({ default: (await import('../../canvas/diagram-canvas')).DiagramCanvas }));

export function RunPage() {
  const { id = '' } = useParams();
  return <Loaded query={useRun(id)}>{story => <Run key={id} story={story} />}</Loaded>;
}

/** One run: its picture as it goes, and beside it what each step got and what came of it. */
function Run({ story }: { readonly story: RunStory }) {
  const { t } = useTranslation();
  const { run } = story;
  const version = useRunVersion(run.id);
  const diagram = useMemo(() => (version.data ? drawn(version.data.graph) : undefined), [version.data]);
  const state = useRunState(story);
  const marks = useMemo(() => (diagram ? marksOf(diagram, state) : undefined), [diagram, state]);
  const front = useMemo(() => (diagram ? frontOf(diagram, state) : undefined), [diagram, state]);
  const [selected, setSelected] = useState<string>();
  const waits = useWaits(run);
  return (
    <div className="page run-page">
      <PageHead title={run.playbook} facts={<>
        <RunPill status={run.status} /><ModeBadge mode={run.mode} />
        <span>{t('run.version', { version: run.version })}</span>
        <span>{t('run.startedBy', { name: run.startedBy })} <Ago at={run.createdAt} /></span>
        <Elapsed from={run.createdAt} to={run.endedAt} />
        {run.successor !== undefined && <Link to={`/runs/${run.successor}`}>{t('run.successor')} {run.successor.slice(-8)}</Link>}
        {run.parent !== undefined && <Link to={`/runs/${run.parent}`}>{t('run.parent')} {run.parent.slice(-8)}</Link>}
        {run.caseId !== undefined && <Link to={`/cases/${run.caseId}`}>{t('run.case')}</Link>}
      </>} actions={<RunActions run={run} />} />
      {run.result !== undefined && <p className={`outcome ${run.status === 'Failed' ? 'bad' : run.status === 'Completed' ? 'good' : ''}`}><Result result={run.result} /></p>}
      {waits !== '' && <p className="outcome wait">{waits}{story.questions.filter(question => question.status === 'Open').map(question => <Link key={question.id} className="button small" to={`/inbox/${question.id}?for=everybody`}>{t('run.answer')}</Link>)}</p>}
      <div className="run-split">
        {diagram ? <Suspense fallback={<p className="loading">{t('app.loading')}</p>}><DiagramCanvas diagram={diagram} marks={marks} selected={selected} follow={front} onSelect={setSelected} /></Suspense>
          : <div className="canvas missing"><p>{version.isLoading ? t('app.loading') : t('run.noDiagram')}</p></div>}
        <RunPanel story={story} state={state} diagram={diagram} selected={selected} onSelect={setSelected} />
      </div>
    </div>
  );
}

function drawn(graph: unknown): Diagram | undefined {
  try {
    return readDiagram(graph);
  } catch {
    // A diagram that this console does not know is not drawn; the record beside it still is.
    return undefined;
  }
}

/** The record, and what has begun since: events come at once, the record a moment later. */
function useRunState(story: RunStory): RunState {
  const [begun, setBegun] = useState<readonly RunEvent[]>([]);
  const take = useCallback((event: RunEvent) => {
    if (event.run !== story.run.id || event.path === '') return;
    setBegun(before => {
      const rest = before.filter(each => each.path !== event.path);
      return event.kind === 'StepStarted' && !event.action.startsWith('soar.') ? [...rest, event] : rest;
    });
  }, [story.run.id]);
  useRunEvents(take);
  return useMemo(() => {
    const state = readRun(story.timeline);
    return story.run.status === 'Running' ? withRunning(state, begun) : state;
  }, [story, begun]);
}
