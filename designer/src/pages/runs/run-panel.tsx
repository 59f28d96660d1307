import { Tabs } from 'radix-ui';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Json, RunStory } from '../../api/types';
import type { Diagram } from '../../model/diagram';
import { durationOf, type RunState, type StepState } from '../../model/run-state';
import { useFormat } from '../../parts/format';
import { MarkPill } from '../../parts/pill';
import { Facts, Section } from '../../parts/page';
import { Foreign, Value } from '../../parts/value';
import { StepDetails } from './step-details';

interface PanelProps {
  readonly story: RunStory;
  readonly state: RunState;
  readonly diagram: Diagram | undefined;
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
}

type Tab = 'steps' | 'timeline' | 'details';

/** Beside the picture: the steps, the whole record, what the run began with. What is selected in the picture comes to the top. */
export function RunPanel({ story, state, diagram, selected, onSelect }: PanelProps) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>('steps');
  useEffect(() => {
    if (selected !== undefined) setTab('steps');
  }, [selected]);
  const shown = useMemo(() => stepsOf(state, diagram, selected), [state, diagram, selected]);
  return (
    <Tabs.Root className="panel" value={tab} onValueChange={value => { setTab(value as Tab); }}>
      <Tabs.List className="tabs" aria-label={t('run.details')}>
        <Tabs.Trigger value="steps">{t('run.steps')} <span className="soft">{state.steps.length}</span></Tabs.Trigger>
        <Tabs.Trigger value="timeline">{t('run.timeline')}</Tabs.Trigger>
        <Tabs.Trigger value="details">{t('run.inputs')}</Tabs.Trigger>
      </Tabs.List>
      <Tabs.Content value="steps" className="tab">
        {selected !== undefined && <div className="selected-bar"><code>{selected}</code><button type="button" className="button small" onClick={() => { onSelect(undefined); }}>{t('app.all')}</button></div>}
        {shown.length === 0 && <p className="soft pad">{selected === undefined ? t('run.noSteps') : <Described diagram={diagram} id={selected} />}</p>}
        <ul className="step-list">{shown.slice(0, 300).map(step => <li key={step.path}><Step step={step} name={nameOf(diagram, step)} open={selected !== undefined && shown.length <= 3} onSelect={() => { onSelect(nodeOf(diagram, step)); }} /></li>)}</ul>
        {shown.length > 300 && <p className="soft pad">+{shown.length - 300}</p>}
      </Tabs.Content>
      <Tabs.Content value="timeline" className="tab"><Timeline story={story} /></Tabs.Content>
      <Tabs.Content value="details" className="tab"><Beginning story={story} /></Tabs.Content>
    </Tabs.Root>
  );
}

function stepsOf(state: RunState, diagram: Diagram | undefined, selected: string | undefined): readonly StepState[] {
  if (selected === undefined) return state.steps;
  const thing = diagram?.nodes.find(node => node.id === selected) ?? diagram?.groups.find(group => group.id === selected);
  return thing?.stepId === undefined ? [] : (state.byStepId.get(thing.stepId) ?? []);
}

function nodeOf(diagram: Diagram | undefined, step: StepState): string | undefined {
  return diagram?.nodes.find(node => node.stepId === step.stepId)?.id ?? diagram?.groups.find(group => group.stepId === step.stepId)?.id;
}

/** As it is called in the picture. */
function nameOf(diagram: Diagram | undefined, step: StepState): string {
  return step.title ?? diagram?.nodes.find(node => node.stepId === step.stepId)?.label ?? step.stepId;
}

/** What is selected is no step that was done: its source says what it is. */
function Described({ diagram, id }: { readonly diagram: Diagram | undefined; readonly id: string }) {
  const { t } = useTranslation();
  const thing = diagram?.nodes.find(node => node.id === id) ?? diagram?.groups.find(group => group.id === id);
  return thing?.detail ? <code>{thing.detail}</code> : <>{t('run.noSteps')}</>;
}

function Step({ step, name, open, onSelect }: { readonly step: StepState; readonly name: string; readonly open: boolean; readonly onSelect: () => void }) {
  const format = useFormat();
  const duration = durationOf(step);
  return (
    <details className="step" open={open}>
      <summary>
        <MarkPill mark={step.mark} />
        <span className="step-name">{name}{step.path.includes('[') && <span className="soft"> {step.path.match(/\[\d+\]/g)?.join('')}</span>}</span>
        {step.instance !== undefined && <span className="soft">{step.instance}</span>}
        <span className="soft tabular end">{duration === undefined ? step.endedAt !== undefined && format.clock(step.endedAt) : format.length(duration)}</span>
      </summary>
      <StepDetails step={step} onSelect={onSelect} />
    </details>
  );
}

function Timeline({ story }: { readonly story: RunStory }) {
  const format = useFormat();
  return (
    <ol className="timeline">
      {story.timeline.map(entry => (
        <li key={entry.seq}>
          <time className="tabular soft" dateTime={entry.at}>{format.clock(entry.at)}</time>
          <span className={`timeline-mark k-${entry.kind}`} aria-hidden="true">{entry.mark}</span>
          <div>{entry.step !== '' && <code>{entry.step}</code>} <Foreign text={entry.text} max={600} /></div>
        </li>
      ))}
    </ol>
  );
}

function Beginning({ story }: { readonly story: RunStory }) {
  const { t } = useTranslation();
  const started = story.timeline.find(entry => entry.kind === 'Started')?.payload as { inputs?: Json; alert?: Json; instances?: Json } | undefined;
  return (
    <div className="pad">
      <Facts rows={[[t('runs.run'), <code>{story.run.id}</code>], ...(story.run.trigger === undefined ? [] : [[t('playbook.triggers'), <Foreign text={story.run.trigger} />] as const])]} />
      <Section title={t('run.inputs')}><Value value={started?.inputs} /></Section>
      {started?.alert !== undefined && <Section title={t('run.alert')}><Value value={started.alert} /></Section>}
      {started?.instances !== undefined && <Section title={t('run.instances')}><Value value={started.instances} /></Section>}
    </div>
  );
}
