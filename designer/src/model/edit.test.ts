import { describe, expect, it } from 'vitest';
import { shippedDiagrams } from '../../tests/diagrams';
import { argumentsOf, given, insertPoints, isInExpression, itemsOf, landing, lineEnds, moveBy, runOf, sameThing, search, spotAfter, thingOf, type PaletteEntry } from './edit';

function block() {
  const found = shippedDiagrams().find(each => each.name === 'block-attacking-address');
  if (!found) throw new Error('no fixture');
  return found.diagram;
}

const span = (code: string) => ({ start: 0, length: code.length, line: 1, column: 1 });
const entry = (group: string, name: string, summary = ''): PaletteEntry => ({ group, name, summary, code: '', parameters: [] });

describe('arguments', () => {
  it('are told by name and place, whatever stands in them', () => {
    const code = 'Firewall.All.First(f => f.Is("(,")).Block(address, new { a = 1, b = "x, )" }, note: $"{a}, {b}")';
    const args = argumentsOf(code, span(code));
    expect(args).toEqual([{ value: 'address' }, { value: 'new { a = 1, b = "x, )" }' }, { name: 'note', value: '$"{a}, {b}"' }]);
    expect([given(args, 'address', 0), given(args, 'note', 5), given(args, 'other', 2), given(args, 'other', 9)]).toEqual(['address', '$"{a}, {b}"', '', '']);
  });

  it('of a call without any are none', () => {
    expect(argumentsOf('Firewall.List()', span('Firewall.List()'))).toEqual([]);
    expect(argumentsOf('x + 1', span('x + 1'))).toEqual([]);
  });

  it('of a foreach are its items', () => {
    const code = 'foreach (var host in mail.Links.Select(l => l.Host).Distinct()) { await X(in_); }';
    expect(itemsOf(code, span(code))).toBe('mail.Links.Select(l => l.Host).Distinct()');
  });
});

describe('places', () => {
  it('are above every thing that is a statement, and on ways that do nothing', () => {
    for (const diagram of shippedDiagrams().map(each => each.diagram)) {
      const points = insertPoints(diagram);
      expect(new Set(points.map(point => point.key)).size).toBe(points.length);
      for (const point of points) {
        if (point.place === 'Before') expect(isInExpression(diagram, point.at), point.at).toBe(false);
        else expect(diagram.branches.some(branch => branch.id === point.at), point.at).toBe(true);
      }
      expect(points.some(point => point.at === 'start')).toBe(false);
      expect(points.length).toBeGreaterThan(0);
    }
  });

  it('by the keyboard: behind what is selected, before an end', () => {
    const diagram = block();
    const end = diagram.nodes.find(node => node.kind === 'end');
    expect(spotAfter(diagram, end?.id)).toEqual({ at: end?.id, place: 'Before' });
    expect(spotAfter(diagram, 'tell-its-provider')).toEqual({ at: 'tell-its-provider', place: 'After' });
    expect(spotAfter(diagram, undefined).place).toBe('Before');
  });

  it('move a thing by one among those beside it, a decision with all its branches', () => {
    const diagram = block();
    const down = moveBy(diagram, 'tell-its-provider', 1);
    expect(thingOf(diagram, down?.at ?? '')?.kind).toBe('end');
    const decision = diagram.nodes.find(node => node.kind === 'decision');
    const up = moveBy(diagram, decision?.id ?? '', -1);
    expect(thingOf(diagram, up?.at ?? '')?.parent).toBe(undefined);
    expect(moveBy(diagram, 'nothing', 1)).toBe(undefined);
  });
});

it('A thing whose id came from its own text is found again by where it begins', () => {
  const diagram = block();
  const decision = diagram.nodes.find(node => node.kind === 'decision');
  if (!decision) throw new Error('no decision');
  expect(sameThing(diagram, { ...decision, id: 'if-something-else' })?.id).toBe(decision.id);
  expect(sameThing(diagram, { ...decision, id: 'gone', span: { ...decision.span, start: 1 } })).toBe(undefined);
});

it('The palette finds names first, then summaries, and wants every word', () => {
  const entries = [entry('Mail', 'Send', 'Blocks nothing'), entry('Firewall', 'Block', 'Blocks an address'), entry('Firewall', 'Unblock')];
  expect(search(entries, 'block').map(each => each.name)).toEqual(['Block', 'Unblock', 'Send']);
  expect(search(entries, 'firewall.blo').map(each => each.name)).toEqual(['Block', 'Unblock']);
  expect(search(entries, 'mail address')).toEqual([]);
  expect(search(entries, '').length).toBe(3);
});

it('Line ends are told apart', () => {
  expect([lineEnds('a\nb\n'), lineEnds('a\r\nb'), lineEnds('a\r\nb\n'), lineEnds('a\rb'), lineEnds('')]).toEqual(['lf', 'crlf', 'mixed', 'mixed', 'lf']);
});

it('What was inserted is found behind its indentation', () => {
  expect(landing([{ start: 10, length: 0, text: '    await X();\n' }])).toBe(14);
  expect(landing([{ start: 2, length: 3, text: '' }, { start: 10, length: 0, text: 'x' }])).toBe(7);
  expect(landing([{ start: 2, length: 3, text: '' }])).toBe(undefined);
});

describe('several of one block', () => {
  it('are all from one through the other, whichever was chosen first, and none of what is inside of them', () => {
    const diagram = block();
    const [ask, last] = ['ask', 'tell-its-provider'];
    const run = runOf(diagram, ask, last);
    expect(run).toBeDefined();
    expect(runOf(diagram, last, ask)).toEqual(run);
    const parent = thingOf(diagram, ask)?.parent;
    for (const id of run ?? []) expect(thingOf(diagram, id)?.parent).toBe(parent);
    expect(run).toContain(ask);
    expect(run).toContain(last);
    expect(run?.size).toBeGreaterThan(2);
  });

  it('of two blocks there is no run', () => {
    const diagram = block();
    const inner = diagram.nodes.find(node => node.parent !== undefined && node.kind !== 'decision');
    expect(runOf(diagram, 'ask', inner?.id ?? '')).toBeUndefined();
    expect(runOf(diagram, 'start', 'ask')).toBeUndefined();
  });
});
