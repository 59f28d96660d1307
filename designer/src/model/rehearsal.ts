import { readRun, type RunEntry, type RunState } from './run-state';

/** What a rehearsed step has, as far as the picture needs it. */
export interface PlayedStep {
  readonly path: string;
  readonly action: string;
  readonly instance: string;
  /** 0: the playbook's own. */
  readonly depth: number;
  readonly arguments?: unknown;
  /** Left out: it was still open at the end. */
  readonly ended?: string;
  readonly result?: unknown;
}

/** A rehearsed run as a run's record tells one, so that it is drawn and read as all others are. What sub-playbooks did is theirs: their paths may be those of steps here. */
export function playedRun(steps: readonly PlayedStep[]): RunState {
  const entries: RunEntry[] = [];
  for (const step of steps) {
    if (step.depth > 0) continue;
    const one = { seq: entries.length, at: '', step: step.path, action: step.action, text: '' };
    entries.push({ ...one, kind: 'Intent', payload: { instance: step.instance, arguments: step.arguments, simulated: true } });
    entries.push(step.ended === undefined ? { ...one, kind: 'NotYet' } : { ...one, kind: 'Delivered', delivery: step.ended, payload: step.result });
  }
  return readRun(entries);
}
