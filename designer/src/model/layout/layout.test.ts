import { describe, expect, it } from 'vitest';
import { largeDiagram, shippedDiagrams, Sketch } from '../../../tests/diagrams';
import type { Diagram } from '../diagram';
import type { Box } from './blocks';
import { layOut, type Layout } from './layout';

const framed = new Set(['loop', 'lanes', 'protected', 'catch', 'finally', 'function']);
const overlap = (a: Box, b: Box) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function boxOf(layout: Layout, id: string): Box {
  const box = layout.boxes.get(id);
  if (!box) throw new Error(`${id} was not placed`);
  return box;
}

describe.each(shippedDiagrams())('the picture of $name', ({ diagram }) => {
  const layout = layOut(diagram);

  it('places every node and every group', () => {
    for (const thing of [...diagram.nodes, ...diagram.groups]) boxOf(layout, thing.id);
  });

  it('lays no node over another', () => {
    for (const [i, one] of diagram.nodes.entries())
      for (const other of diagram.nodes.slice(i + 1)) expect(overlap(boxOf(layout, one.id), boxOf(layout, other.id)), `${one.id} over ${other.id}`).toBe(false);
  });

  it('keeps what is inside a frame inside it', () => {
    const groups = new Map(diagram.groups.map(group => [group.id, group]));
    for (const thing of [...diagram.nodes, ...diagram.groups]) {
      for (let group = groups.get(thing.parent ?? ''); group; group = groups.get(group.parent ?? '')) {
        if (!framed.has(group.kind)) continue;
        const [inner, outer] = [boxOf(layout, thing.id), boxOf(layout, group.id)];
        expect(inner.x >= outer.x - 0.01 && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w + 0.01 && inner.y + inner.h <= outer.y + outer.h, `${thing.id} in ${group.id}`).toBe(true);
      }
    }
  });

  it('draws lines that go only across or down or up', () => {
    for (const route of layout.routes)
      for (const [i, [x, y]] of route.points.entries()) {
        const before = route.points[i - 1];
        if (before) expect(Math.abs(before[0] - x) < 0.5 || Math.abs(before[1] - y) < 0.5, JSON.stringify(route)).toBe(true);
      }
  });

  it('stays within its own size', () => {
    for (const box of layout.boxes.values()) {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.w).toBeLessThanOrEqual(layout.width);
      expect(box.y + box.h).toBeLessThanOrEqual(layout.height);
    }
  });
});

it('A thousand steps are laid out well within the two seconds of a first paint, and twice as many take twice the work', () => {
  // The processor's time, not the clock's: neighbours on the machine must not decide.
  const begin = process.cpuUsage();
  const layout = layOut(largeDiagram(1000));
  const used = process.cpuUsage(begin);
  expect(used.user + used.system).toBeLessThan(1_500_000);
  expect(layOut(largeDiagram(2000)).operations / layout.operations).toBeCloseTo(2, 1);
});

it('A step that is put in between moves what stands below it down and nothing else', () => {
  const draw = (extra: boolean): Diagram => {
    const sketch = new Sketch().step('first').group('loop', 'loop').step('in-loop', 'loop');
    if (extra) sketch.step('new', 'loop');
    return sketch.step('in-loop-last', 'loop').step('last').done();
  };
  const [before, after] = [layOut(draw(false)), layOut(draw(true))];
  for (const id of ['first', 'loop', 'in-loop']) expect([boxOf(after, id).x, boxOf(after, id).y]).toEqual([boxOf(before, id).x, boxOf(before, id).y]);
  const down = boxOf(after, 'new').h + 30;
  for (const id of ['in-loop-last', 'last']) expect([boxOf(after, id).x, boxOf(after, id).y]).toEqual([boxOf(before, id).x, boxOf(before, id).y + down]);
});

it('The same diagram is always the same picture, in whatever order its things are listed', () => {
  for (const { diagram } of shippedDiagrams()) {
    const turned = { ...diagram, nodes: [...diagram.nodes].reverse(), groups: [...diagram.groups].reverse() };
    expect([...layOut(turned).boxes].sort()).toEqual([...layOut(diagram).boxes].sort());
  }
});

it('Two hundred loops in each other are drawn', () => {
  const sketch = new Sketch();
  for (let i = 0; i < 200; i++) sketch.group(`loop-${i}`, 'loop', i === 0 ? undefined : `loop-${i - 1}`);
  const layout = layOut(sketch.step('innermost', 'loop-199').done());
  expect(boxOf(layout, 'innermost').w).toBeLessThan(boxOf(layout, 'loop-0').w);
});
