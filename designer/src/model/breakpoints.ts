import type { Diagram, NodeKind } from './diagram';
import { stepOf } from './step-path';

const calls: readonly NodeKind[] = ['step', 'human', 'waiting', 'subPlaybook'];

/** The step of a thing at which a dry run can stop; undefined where it makes no call. A frame stands for several. */
export const stopOf = (diagram: Diagram, thing: string | undefined): string | undefined => diagram.nodes.find(node => node.id === thing && calls.includes(node.kind))?.stepId;

export function toggled(breakpoints: ReadonlySet<string>, step: string): ReadonlySet<string> {
  const next = new Set(breakpoints);
  if (!next.delete(step)) next.add(step);
  return next;
}

/** The node before which a run stands; undefined where the picture has none of it, as with a sub-playbook's. */
export const nodeAt = (diagram: Diagram, path: string): string | undefined => diagram.nodes.find(node => node.stepId === stepOf(path))?.id;
