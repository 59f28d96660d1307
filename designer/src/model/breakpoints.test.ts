import { expect, it } from 'vitest';
import { shippedDiagrams } from '../../tests/diagrams';
import { nodeAt, stopOf, toggled } from './breakpoints';

it('A breakpoint is set once and taken away again, and the set before stays as it was', () => {
  const one = toggled(new Set(), 'ask');
  expect([...one]).toEqual(['ask']);
  expect([...toggled(one, 'block')]).toEqual(['ask', 'block']);
  expect([...toggled(one, 'ask')]).toEqual([]);
  expect([...one]).toEqual(['ask']);
});

it('Only what makes a call can be stopped at, and the place where a run stands is found by the path of its step', () => {
  for (const { diagram } of shippedDiagrams()) {
    for (const node of diagram.nodes) {
      const stop = stopOf(diagram, node.id);
      if (['decision', 'end', 'start'].includes(node.kind)) expect(stop, node.id).toBeUndefined();
      if (stop !== undefined) expect(diagram.nodes.find(each => each.id === nodeAt(diagram, `each[3]/${stop}#2`))?.stepId).toBe(stop);
    }
    expect(diagram.nodes.some(node => stopOf(diagram, node.id) !== undefined)).toBe(true);
    expect(nodeAt(diagram, 'nothing-of-it')).toBeUndefined();
  }
});
