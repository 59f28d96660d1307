import { describe, expect, it } from 'vitest';
import { shippedDiagrams, Sketch } from '../../tests/diagrams';
import { codeLines } from './code-lines';
import { tokenize } from './csharp-tokens';
import { readDiagram } from './diagram';
import { frontOf, marksOf, readRun, withRunning, type RunEntry } from './run-state';
import { spanOf, thingAt } from './spans';
import { parsePath } from './step-path';
import { elide, textWidth, wrap } from './text-width';

describe('diagrams', () => {
  it('A diagram of another format is refused by name', () => {
    expect(() => readDiagram({ format: 2, nodes: [], groups: [] })).toThrow('format 2');
    expect(() => readDiagram(null)).toThrow('format none');
  });

  it.each(shippedDiagrams())('Every node of $name is found again from the code it stands for', ({ diagram }) => {
    for (const node of diagram.nodes) {
      const found = thingAt(diagram, node.span.start);
      const length = found === undefined ? Infinity : (spanOf(diagram, found)?.length ?? Infinity);
      expect(length, node.id).toBeLessThanOrEqual(node.span.length);
    }
  });
});

describe('colours of code', () => {
  it.each(shippedDiagrams())('No character of $name is lost or moved', ({ source }) => {
    expect(tokenize(source).map(token => token.text).join('')).toBe(source);
  });

  it.each(shippedDiagrams())('The lines of $name are the lines of the file, and exactly the code of a node is selected', ({ source, diagram }) => {
    for (const { span } of diagram.nodes) {
      const lines = codeLines(source, span.start, span.start + span.length);
      expect(lines.map(line => line.map(piece => piece.text).join(''))).toEqual(source.split('\n'));
      const selected = lines.map(line => line.filter(piece => piece.selected).map(piece => piece.text).join('')).filter(text => text !== '').join('\n');
      expect(selected).toBe(source.slice(span.start, span.start + span.length).split('\n').filter(text => text !== '').join('\n'));
    }
  });

  it('Strings, holes, comments, keywords and calls are told apart', () => {
    const kinds = new Map(tokenize('// why\nvar a = await Ask("who", $"Block {address} at {{x}}?", within: 1.Hours); /* b */').map(token => [token.text.trim(), token.kind]));
    expect(kinds.get('// why')).toBe('comment');
    expect(kinds.get('await')).toBe('keyword');
    expect(kinds.get('Ask')).toBe('call');
    expect(kinds.get('"who"')).toBe('string');
    expect(kinds.get('{address}')).toBe('hole');
    expect(kinds.get('/* b */')).toBe('comment');
  });

  it('Text that no compiler would take is still shown whole', () => {
    for (const text of ['"open', "'", '$"{a', '/* open', '"""raw "quoted" text"""', "'\\", '$', '"a\\', 'х = "ѓ"']) expect(tokenize(text).map(token => token.text).join('')).toBe(text);
  });
});

describe('texts on cards', () => {
  it('A long text is broken at words and its last line elided', () => {
    const lines = wrap('Известување до сите училишта во градот Скопје и околината', 150, 13, 2);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(textWidth(line, 13)).toBeLessThanOrEqual(150);
    expect(lines[1]).toMatch(/…$/);
  });

  it('A text that fits is left as it is', () => {
    expect(elide('short', 100, 12)).toBe('short');
  });
});

describe('paths', () => {
  it('Items and repetitions are read off a path', () => {
    expect(parsePath('who[1]/for-each#2[0]/intel-lookup#3')).toEqual([
      { step: 'who', occurrence: 1, index: 1 }, { step: 'for-each', occurrence: 2, index: 0 }, { step: 'intel-lookup', occurrence: 3 },
    ]);
  });
});

describe('a run over its diagram', () => {
  const at = (second: number) => `2026-11-30T03:00:${String(second).padStart(2, '0')}Z`;
  let seq = 0;
  const line = (kind: string, step: string, second: number, more: Partial<RunEntry> = {}): RunEntry => ({ seq: ++seq, at: at(second), kind, step, text: '', ...more });
  const diagram = new Sketch().step('ask').group('each', 'loop').step('block', 'each').done();

  it('A step that failed once and then went through is done, with its attempt on record', () => {
    const state = readRun([
      line('Intent', 'block', 1, { action: 'firewall.block', payload: { instance: 'edge-1', arguments: { address: '203.0.113.7' }, attempt: 1 } }),
      line('Attempt', 'block', 2, { payload: { attempt: 1, message: 'connection refused' } }),
      line('Intent', 'block', 3, { payload: { instance: 'edge-1', arguments: { address: '203.0.113.7' }, attempt: 2 } }),
      line('Delivered', 'block', 4, { delivery: 'Done', payload: { rule: 7 } }),
    ]);
    expect(state.steps).toHaveLength(1);
    expect(state.steps[0]).toMatchObject({ mark: 'done', instance: 'edge-1', output: { rule: 7 }, startedAt: at(1), endedAt: at(4), attempts: [{ number: 1, message: 'connection refused', unknown: false }] });
  });

  it('An unknown outcome is shown before anything else that shares its node', () => {
    const state = readRun([
      line('Delivered', 'each[0]/block', 1, { delivery: 'Done' }),
      line('Unknown', 'each[1]/block', 2, { payload: { attempt: 1, message: 'timed out' } }),
      line('Asked', 'each[1]/block', 3, { payload: { question: 'q' } }),
      line('Delivered', 'each[2]/block', 4, { delivery: 'Failed', payload: { code: 'SOAR2040', message: 'refused by the product' } }),
    ]);
    expect(marksOf(diagram, state).get('block')).toEqual({ mark: 'unknown', done: 1, total: 3 });
  });

  it('What a person looks for first is the step that waits, not one that is done', () => {
    const state = readRun([line('Delivered', 'block', 1, { delivery: 'Done' }), line('Asked', 'ask', 2, { payload: { question: 'q' } })]);
    expect(frontOf(diagram, state)).toBe('ask');
    expect(frontOf(diagram, readRun([line('Delivered', 'block', 1, { delivery: 'Done' })]))).toBeUndefined();
  });

  it('A step that was resumed no longer counts as failed', () => {
    const state = readRun([line('Delivered', 'block', 1, { delivery: 'Failed', payload: { message: 'no' } }), line('Superseded', 'block', 2)]);
    expect(state.steps[0]?.mark).toBe('running');
  });

  it('A read that has begun is shown running until its record is there', () => {
    const begun = [{ path: 'ask', action: 'soar.ask', at: at(1) }];
    expect(marksOf(diagram, withRunning(readRun([]), begun)).get('ask')?.mark).toBe('running');
    const ended = readRun([line('Delivered', 'ask', 2, { delivery: 'Done' })]);
    expect(marksOf(diagram, withRunning(ended, begun)).get('ask')?.mark).toBe('done');
  });
});
