import { headCard, nodeCard, smallText, type Card } from '../card';
import type { BranchKind, Diagram, DiagramEdge, DiagramGroup, DiagramNode, EdgeKind } from '../diagram';
import { elide, textWidth } from '../text-width';
import { arrangeBranch, arrangeTry } from './arrange';
import { gap, pad, side, stub, type Block, type Branch, type Column, type Frame, type Lanes, type Try, type Way } from './blocks';

type Item = { readonly node: DiagramNode; readonly group?: undefined } | { readonly group: DiagramGroup; readonly node?: undefined };

function byKey<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const item of items) {
    const list = map.get(key(item));
    if (list) list.push(item);
    else map.set(key(item), [item]);
  }
  return map;
}

const orderOf = (item: Item) => (item.node ?? item.group).order;
const parentOf = (item: Item) => (item.node ?? item.group).parent ?? '';

/** From the inside out: what there is, as nested blocks with their sizes. Each node and group once. */
export class Measure {
  readonly cards = new Map<string, Card>();
  operations = 0;
  private readonly children: Map<string, Item[]>;
  private readonly edges: Map<string, DiagramEdge[]>;
  private readonly errors: Map<string, DiagramEdge[]>;
  private readonly branches: Map<string, Diagram['branches'][number][]>;
  private readonly parents = new Map<string, string | undefined>();

  constructor(private readonly diagram: Diagram) {
    const items: Item[] = [...diagram.nodes.map(node => ({ node })), ...diagram.groups.map(group => ({ group }))];
    items.sort((a, b) => orderOf(a) - orderOf(b));
    this.children = byKey(items, parentOf);
    this.edges = byKey(diagram.edges, edge => edge.from);
    this.errors = byKey(diagram.edges.filter(edge => edge.kind === 'error'), edge => edge.to);
    this.branches = byKey(diagram.branches, branch => branch.owner);
    for (const item of items) this.parents.set((item.node ?? item.group).id, (item.node ?? item.group).parent);
  }

  main(): Column {
    return this.column(this.inside('').filter(item => item.group?.kind !== 'function'));
  }

  functions(): Block[] {
    return this.inside('').filter(item => item.group?.kind === 'function').map(item => this.measure(item));
  }

  private inside(id: string): Item[] {
    return this.children.get(id) ?? [];
  }

  private measure(item: Item): Block {
    this.operations++;
    if (item.node) {
      const card = nodeCard(item.node, this.diagram.header);
      this.cards.set(item.node.id, card);
      return { shape: 'leaf', id: item.node.id, w: card.w, h: card.h, axis: card.w / 2, completes: !ends(item.node) };
    }
    const group = item.group;
    switch (group.kind) {
      case 'branch': return this.branch(group);
      case 'lanes': return this.lanes(group);
      case 'try': return this.attempt(group);
      case 'arm':
      case 'lane': return this.column(this.inside(group.id), group.id);
      default: return this.frame(group);
    }
  }

  private column(items: readonly Item[], id?: string): Column {
    const column: Column = { shape: 'column', id, items: [], w: 0, h: 0, axis: 0, completes: true };
    let right = 0;
    for (const item of items) {
      const block = this.measure(item);
      if (column.items.length > 0) column.h += gap;
      column.items.push(block);
      column.h += block.h;
      column.axis = Math.max(column.axis, block.axis);
      right = Math.max(right, block.w - block.axis);
      column.completes = block.completes;
    }
    column.w = column.axis + right;
    return column;
  }

  private head(group: DiagramGroup): Card {
    const card = headCard(group);
    this.cards.set(group.id, card);
    return card;
  }

  private frame(group: DiagramGroup): Frame {
    const head = this.head(group);
    const inside = this.column(this.inside(group.id));
    const w = Math.max(head.w, inside.w + 2 * pad);
    return {
      shape: 'frame', id: group.id, inside, header: head.h, w,
      h: head.h + (inside.h === 0 ? pad : gap + inside.h + pad),
      axis: (w - inside.w) / 2 + inside.axis,
      completes: group.kind === 'loop' ? !group.endless : group.kind === 'function' ? false : inside.completes,
    };
  }

  private lanes(group: DiagramGroup): Lanes {
    const head = this.head(group);
    const lanes = this.inside(group.id).map(item => this.measure(item));
    const width = lanes.reduce((sum, lane) => sum + lane.w, 0) + Math.max(0, lanes.length - 1) * side + 2 * pad;
    const inside = Math.max(0, ...lanes.map(lane => lane.h));
    const w = Math.max(width, head.w);
    return { shape: 'lanes', id: group.id, lanes, header: head.h, w, h: head.h + stub + gap + inside + gap + pad, axis: w / 2, indent: (w - width) / 2, completes: true };
  }

  private branch(group: DiagramGroup): Branch {
    const items = this.inside(group.id);
    const first = items[0];
    if (!first?.node) throw new Error(`The diagram's branch ${group.id} has no decision. Report this playbook.`);
    const node = first.node;
    const decision = this.measure(first);
    const outgoing = this.edges.get(node.id) ?? [];
    const ways: Way[] = [];
    const taken = new Set<DiagramEdge>();
    for (const item of items.slice(1)) {
      if (!item.group) continue;
      const arm = item.group;
      const edge = outgoing.find(candidate => !taken.has(candidate) && this.isInside(candidate.to, arm.id));
      if (edge) taken.add(edge);
      ways.push({ block: this.measure(item), kind: edge?.kind ?? 'case', label: edge?.label ?? arm.label, branch: edge?.branch, x: 0 });
    }
    const straight = this.straightWays(node.id, outgoing.filter(edge => !taken.has(edge)), ways);
    if (straight.length > 0) {
      const label = elide(straight.map(way => way.label).join(', '), 190, smallText);
      const empty: Block = { shape: 'empty', w: textWidth(label, smallText) + 30, h: 0, axis: 12, completes: true };
      ways.push({ block: empty, kind: straight[0]?.kind ?? 'case', label, branch: straight.length === 1 ? straight[0]?.branch : undefined, x: 0 });
    }
    const block: Branch = { shape: 'branch', id: group.id, decision, ways, w: 0, h: 0, axis: 0, completes: true, armsTop: 0, joins: false };
    arrangeBranch(block);
    return block;
  }

  // Ways on which nothing is done run straight on together. An edge may lead nowhere when the decision is the last thing of its group: the branch tells.
  private straightWays(decision: string, left: readonly DiagramEdge[], ways: readonly Way[]): { kind: EdgeKind; label: string; branch?: string }[] {
    if (left.length > 0) return left.map(edge => ({ kind: edge.kind, label: edge.label, branch: edge.branch }));
    const used = new Set(ways.map(way => way.branch));
    return (this.branches.get(decision) ?? []).filter(branch => !used.has(branch.id))
      .map(branch => ({ kind: edgeKind(branch.kind), label: wayLabel(branch.kind, branch.label), branch: branch.id }));
  }

  private attempt(group: DiagramGroup): Try {
    const items = this.inside(group.id);
    const body = items.find(item => item.group?.kind === 'protected');
    if (!body) throw new Error(`The diagram's try ${group.id} has no body. Report this playbook.`);
    const last = items.find(item => item.group?.kind === 'finally');
    const block: Try = {
      shape: 'try', id: group.id, body: this.measure(body), w: 0, h: 0, axis: 0, completes: true, rowHeight: 0, joins: false,
      catches: items.flatMap(item => {
        if (item.group?.kind !== 'catch') return [];
        const edge = this.errors.get(item.group.id)?.[0];
        return [{ block: this.measure(item), kind: 'error' as const, label: edge?.label ?? '', branch: edge?.branch, x: 0 }];
      }),
      last: last && this.measure(last),
    };
    arrangeTry(block);
    return block;
  }

  private isInside(inner: string | undefined, outer: string): boolean {
    for (let id = inner; id !== undefined; id = this.parents.get(id)) if (id === outer) return true;
    return false;
  }
}

function ends(node: DiagramNode): boolean {
  return node.kind === 'end' || node.kind === 'errorEnd' || node.kind === 'return'
    || (node.kind === 'jump' && !node.label.endsWith(':') && !node.label.startsWith('yield return'));
}

function edgeKind(kind: BranchKind): EdgeKind {
  return kind === 'true' ? 'true' : kind === 'false' ? 'false' : 'case';
}

function wayLabel(kind: BranchKind, label: string): string {
  return kind === 'true' ? 'yes' : kind === 'false' ? 'no' : kind === 'noCase' ? 'otherwise' : label;
}
