import type { Diagram } from './diagram';
import { parsePath } from './step-path';

/** A line of a run's record, as the server tells it. */
export interface RunEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  /** For `Delivered`: how the step ended. */
  readonly delivery?: string;
  readonly ordinal?: number;
  readonly step: string;
  readonly title?: string;
  readonly action?: string;
  readonly text: string;
  readonly payload?: unknown;
}

/** Where a step of a run stands. Each has a sign besides its colour. */
export type Mark = 'done' | 'running' | 'waiting' | 'retrying' | 'failed' | 'unknown' | 'cancelled';

/** What is shown of several that share one node: the first of these that is there. */
const urgency: readonly Mark[] = ['unknown', 'failed', 'waiting', 'retrying', 'running', 'cancelled', 'done'];

export interface Attempt {
  readonly number: number;
  readonly at: string;
  readonly message: string;
  readonly unknown: boolean;
}

/** One step of one run: what it got, what came of it. */
export interface StepState {
  readonly path: string;
  readonly stepId: string;
  mark: Mark;
  action: string;
  instance?: string;
  title?: string;
  startedAt?: string;
  endedAt?: string;
  /** Arguments of an effect, as they are sent. A read's arguments are not on record. */
  arguments?: unknown;
  simulated?: boolean;
  output?: unknown;
  error?: { readonly code?: string; readonly message: string };
  question?: string;
  readonly attempts: Attempt[];
  readonly entries: RunEntry[];
}

export interface NodeMark {
  readonly mark: Mark;
  readonly done: number;
  readonly total: number;
}

export interface RunState {
  readonly steps: readonly StepState[];
  readonly byStepId: ReadonlyMap<string, readonly StepState[]>;
}

type Fields = Readonly<Record<string, unknown>>;

const fields = (payload: unknown): Fields => (payload !== null && typeof payload === 'object' && !Array.isArray(payload) ? (payload as Fields) : {});
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Reads a run's record from its first line to its last. */
export function readRun(entries: readonly RunEntry[]): RunState {
  const steps = new Map<string, StepState>();
  const order: StepState[] = [];
  for (const entry of entries) {
    const parts = parsePath(entry.step);
    if (parts.length === 0 || !belongsToStep(entry)) continue;
    let step = steps.get(entry.step);
    if (!step) {
      step = { path: entry.step, stepId: parts.at(-1)?.step ?? '', mark: 'running', action: entry.action ?? '', attempts: [], entries: [] };
      steps.set(entry.step, step);
      order.push(step);
    }
    step.title ??= entry.title;
    step.entries.push(entry);
    apply(step, entry);
  }
  return withIndex(order);
}

function withIndex(steps: StepState[]): RunState {
  const byStepId = new Map<string, StepState[]>();
  const add = (id: string, step: StepState) => {
    const list = byStepId.get(id);
    if (!list) byStepId.set(id, [step]);
    else if (list.at(-1) !== step) list.push(step);
  };
  for (const step of steps) for (const part of parsePath(step.path)) add(part.step, step);
  return { steps, byStepId };
}

function belongsToStep(entry: RunEntry): boolean {
  return !['Started', 'Control', 'Ended', 'HostDied'].includes(entry.kind);
}

function apply(step: StepState, entry: RunEntry): void {
  const payload = fields(entry.payload);
  switch (entry.kind) {
    case 'Intent':
      step.startedAt ??= entry.at;
      step.mark = 'running';
      step.instance = text(payload.instance) || step.instance;
      step.title = text(payload.title) ?? step.title;
      step.arguments = payload.arguments;
      step.simulated = payload.simulated === true;
      break;
    case 'Attempt':
    case 'Unknown':
      step.attempts.push({ number: Number(payload.attempt ?? step.attempts.length + 1), at: entry.at, message: text(payload.message) ?? entry.text, unknown: entry.kind === 'Unknown' });
      step.mark = entry.kind === 'Unknown' ? 'unknown' : 'retrying';
      break;
    case 'NotYet':
      step.startedAt ??= entry.at;
      step.mark = 'waiting';
      break;
    case 'Asked':
      step.startedAt ??= entry.at;
      if (step.mark !== 'unknown') step.mark = 'waiting';
      step.question = text(payload.question) ?? step.question;
      step.title = text(payload.title) ?? step.title;
      break;
    case 'Superseded':
      step.mark = 'running';
      step.endedAt = undefined;
      step.error = undefined;
      break;
    case 'Withdrawn':
      step.mark = 'cancelled';
      break;
    case 'Delivered':
      end(step, entry, payload);
      break;
  }
}

function end(step: StepState, entry: RunEntry, payload: Fields): void {
  step.endedAt = entry.at;
  step.startedAt ??= entry.at;
  const delivery = entry.delivery ?? 'Done';
  if (delivery === 'Done') {
    step.mark = 'done';
    step.output = entry.payload;
  } else if (delivery === 'Cancelled' || delivery === 'CancelRun') {
    step.mark = 'cancelled';
  } else {
    step.mark = 'failed';
    step.error = { code: text(payload.code), message: text(payload.message) ?? entry.text };
  }
}

/** Adds what began but is not on record yet: a read has no line before it ends. */
export function withRunning(state: RunState, running: Iterable<{ readonly path: string; readonly action: string; readonly at: string; readonly instance?: string }>): RunState {
  const known = new Set(state.steps.map(step => step.path));
  const added: StepState[] = [];
  for (const begun of running) {
    if (known.has(begun.path)) continue;
    known.add(begun.path);
    added.push({ path: begun.path, stepId: parsePath(begun.path).at(-1)?.step ?? '', mark: 'running', action: begun.action, instance: begun.instance, startedAt: begun.at, attempts: [], entries: [] });
  }
  return added.length === 0 ? state : withIndex([...state.steps, ...added]);
}

/** What is drawn on each node and group: the most urgent of the steps that it stands for. */
export function marksOf(diagram: Diagram, state: RunState): Map<string, NodeMark> {
  const marks = new Map<string, NodeMark>();
  for (const thing of [...diagram.nodes, ...diagram.groups]) {
    if (!thing.stepId) continue;
    const steps = state.byStepId.get(thing.stepId);
    if (!steps || steps.length === 0) continue;
    const mark = urgency.find(candidate => steps.some(step => step.mark === candidate)) ?? 'running';
    marks.set(thing.id, { mark, done: steps.filter(step => step.mark === 'done').length, total: steps.length });
  }
  return marks;
}

/** The node at which something is to be seen now: the last one, as the run goes, of those that are most urgent and not over. */
export function frontOf(diagram: Diagram, state: RunState): string | undefined {
  const open = urgency.slice(0, urgency.indexOf('cancelled'));
  for (const mark of open) {
    const step = state.steps.findLast(candidate => candidate.mark === mark);
    const node = step && diagram.nodes.find(candidate => candidate.stepId === step.stepId);
    if (node) return node.id;
  }
  return undefined;
}

/** Milliseconds between begin and end; undefined where one of them is not on record or a read has only its end. */
export function durationOf(step: StepState): number | undefined {
  if (!step.startedAt || !step.endedAt || step.startedAt === step.endedAt) return undefined;
  return Date.parse(step.endedAt) - Date.parse(step.startedAt);
}
