import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readDiagram, type Diagram, type DiagramGroup, type DiagramNode, type GroupKind, type NodeKind } from '../src/model/diagram';

const folder = fileURLToPath(new URL('fixtures/diagrams/', import.meta.url));

/** The diagrams of the shipped playbooks, as `soar graph --json` wrote them (tests/fixtures/make). */
export function shippedDiagrams(): { name: string; diagram: Diagram; source: string }[] {
  return readdirSync(folder).filter(file => file.endsWith('.json')).map(file => {
    const diagram = readDiagram(JSON.parse(readFileSync(folder + file, 'utf8')));
    const source = readFileSync(fileURLToPath(new URL(`../../${diagram.file}`, import.meta.url)), 'utf8');
    return { name: file.replace('.json', ''), diagram, source };
  });
}

/** A diagram written in a test: a nested list of steps and groups. */
export class Sketch {
  private readonly nodes: DiagramNode[] = [];
  private readonly groups: DiagramGroup[] = [];
  private readonly orders = new Map<string, number>();

  step(id: string, parent?: string, label = id, kind: NodeKind = 'step'): this {
    this.nodes.push({ id, kind, label, detail: 'address', text: '', titled: false, many: false, span: { start: 0, length: 0, line: 1, column: 1 }, parent, order: this.next(parent), stepId: id, modifiers: [], awaits: [] });
    return this;
  }

  group(id: string, kind: GroupKind, parent?: string): this {
    this.groups.push({ id, kind, label: id, detail: '', span: { start: 0, length: 0, line: 1, column: 1 }, parent, order: this.next(parent), endless: false, modifiers: [], awaits: [] });
    return this;
  }

  done(): Diagram {
    return {
      format: 1, file: 'sketch.csx', nodes: this.nodes, groups: this.groups, edges: [], branches: [], errors: [],
      header: { name: 'sketch', version: '1.0.0', type: 'Mitigation', tlp: 'Amber', summary: '', triggers: [], inputs: [] },
    };
  }

  private next(parent = ''): number {
    const order = this.orders.get(parent) ?? 0;
    this.orders.set(parent, order + 1);
    return order;
  }
}

/** Steps in loops, lanes, decisions and attempts, as a large playbook has them. */
export function largeDiagram(steps: number): Diagram {
  const sketch = new Sketch();
  for (let i = 0; i < steps; i += 10) {
    sketch.step(`first-${i}`);
    sketch.group(`loop-${i}`, 'loop').step(`looped-${i}`, `loop-${i}`).step(`looped-too-${i}`, `loop-${i}`);
    sketch.group(`lanes-${i}`, 'lanes');
    for (const lane of ['a', 'b', 'c']) sketch.group(`lane-${lane}-${i}`, 'lane', `lanes-${i}`).step(`laned-${lane}-${i}`, `lane-${lane}-${i}`);
    sketch.group(`branch-${i}`, 'branch').step(`question-${i}`, `branch-${i}`, 'Malicious?', 'decision');
    for (const arm of ['yes', 'no']) sketch.group(`arm-${arm}-${i}`, 'arm', `branch-${i}`).step(`armed-${arm}-${i}`, `arm-${arm}-${i}`);
    sketch.group(`try-${i}`, 'try').group(`body-${i}`, 'protected', `try-${i}`).step(`tried-${i}`, `body-${i}`).group(`catch-${i}`, 'catch', `try-${i}`).step(`caught-${i}`, `catch-${i}`);
  }
  return sketch.done();
}
