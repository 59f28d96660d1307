import { tokenize } from './csharp-tokens';
import type { Diagram, DiagramGroup, DiagramNode, Span } from './diagram';

/** A change of the picture, as the server takes it (engine/Soar.Server/Http/EditAsked.cs). */
export type Edit =
  | { readonly do: 'Delete'; readonly thing: string; readonly through?: string }
  | { readonly do: 'Insert'; readonly at: string; readonly place: Place; readonly code: string; readonly result?: string }
  | { readonly do: 'Move'; readonly thing: string; readonly at: string; readonly place: Place }
  | { readonly do: 'SetTitle'; readonly thing: string; readonly title: string }
  | { readonly do: 'SetArgument'; readonly thing: string; readonly parameter: string; readonly position: number; readonly value?: string }
  | { readonly do: 'Wrap'; readonly thing: string; readonly in: Frame; readonly value?: string }
  | { readonly do: 'SetHeader'; readonly field: 'Version' | 'Type' | 'Tlp' | 'Summary'; readonly value: string }
  | { readonly do: 'SetHeaderLine'; readonly line?: number; readonly code?: string };

/** What a statement is put into; `All` is done at the same time as the one behind it. */
export type Frame = 'If' | 'ForEach' | 'Try' | 'All';

export type Place = 'Before' | 'After' | 'First' | 'Last';

/** A place where something can be inserted. */
export interface Spot {
  readonly at: string;
  readonly place: Place;
}

export interface TextChange {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly default?: string;
  readonly summary: string;
}

export interface PaletteEntry {
  readonly group: string;
  readonly name: string;
  readonly summary: string;
  readonly effect?: string;
  readonly code: string;
  readonly result?: string;
  readonly parameters: readonly Parameter[];
}

type Thing = DiagramNode | DiagramGroup;

const things = (diagram: Diagram): readonly Thing[] => [...diagram.nodes, ...diagram.groups];

export const thingOf = (diagram: Diagram, id: string): Thing | undefined => things(diagram).find(thing => thing.id === id);

/** What a thing of an older picture is in this one. An id may come from the thing's own text; where it begins stays when something inside of it is changed. */
export const sameThing = (diagram: Diagram, old: Thing): Thing | undefined => thingOf(diagram, old.id) ?? things(diagram).find(thing => thing.kind === old.kind && thing.span.start === old.span.start);

/** Inside of All, Any, ForEach: one expression, in which no statement fits. */
export function isInExpression(diagram: Diagram, id: string): boolean {
  const groups = new Map(diagram.groups.map(group => [group.id, group]));
  for (let parent = thingOf(diagram, id)?.parent; parent !== undefined;) {
    const group = groups.get(parent);
    if (!group || group.kind === 'lane' || group.kind === 'lanes' || group.action === 'ForEach' || group.action === 'TryForEach') return group !== undefined;
    parent = group.parent;
  }
  return false;
}

/** A `+` of the picture: on the line that leads to a thing, or on a way on which nothing is done yet. */
export interface InsertPoint extends Spot {
  readonly key: string;
  /** The thing above which it stands; else the branch whose line it is on. */
  readonly above?: string;
  readonly branch?: string;
}

export function insertPoints(diagram: Diagram): InsertPoint[] {
  const points: InsertPoint[] = [];
  const into = new Map<string, number>();
  for (const edge of diagram.edges) if (edge.kind !== 'call') into.set(edge.to, (into.get(edge.to) ?? 0) + 1);
  const parents = new Map(things(diagram).map(thing => [thing.id, thing.parent]));
  for (const target of into.keys()) {
    const thing = thingOf(diagram, target);
    if (!thing || isInExpression(diagram, target) || thing.id === 'start') continue;
    // What leads into a handler is an error, not flow that something could be put on.
    if ('kind' in thing && (thing.kind === 'catch' || thing.kind === 'arm')) continue;
    points.push({ key: `before ${target}`, at: target, place: 'Before', above: target });
  }
  for (const edge of diagram.edges) {
    // A way that goes straight on to where others join: what it does would be done on this way alone.
    if (edge.branch === undefined || (into.get(edge.to) ?? 0) < 2 || !['true', 'false', 'case', 'approved', 'refused', 'expired'].includes(edge.kind)) continue;
    if (isInExpression(diagram, edge.from) || parents.get(edge.to) === edge.from) continue;
    const branch = diagram.branches.find(each => each.id === edge.branch);
    if (branch && branch.kind !== 'noCase') points.push({ key: `branch ${edge.branch}`, at: edge.branch, place: 'First', branch: edge.branch });
  }
  return points;
}

/** Where what is inserted by the keyboard goes: behind the selected thing, at the very end without one. */
export function spotAfter(diagram: Diagram, selected: string | undefined): Spot {
  const thing = selected === undefined ? undefined : thingOf(diagram, selected);
  if (!thing) {
    const end = diagram.nodes.find(node => node.kind === 'end' && node.span.length === 0);
    const last = diagram.nodes.filter(node => node.parent === undefined && node.kind === 'end').at(-1);
    return end ? { at: end.id, place: 'Before' } : last ? { at: last.id, place: 'Before' } : { at: 'start', place: 'After' };
  }
  if ('endless' in thing && thing.kind === 'arm') return { at: thing.id, place: 'Last' };
  const ends = 'text' in thing && ['end', 'errorEnd', 'return', 'jump'].includes(thing.kind);
  return { at: thing.id, place: ends ? 'Before' : 'After' };
}

/** A frame that nobody gave a title says what it is; one with a title says that below. */
function isTitled(thing: Thing): boolean {
  if ('titled' in thing) return thing.titled;
  if (thing.kind === 'protected') return thing.label !== 'Try';
  return thing.kind === 'function' ? !thing.detail.startsWith(thing.label) : thing.detail !== '';
}

/** The title that somebody wrote above it; empty where nobody did. */
export const titleOf = (thing: Thing): string => isTitled(thing) ? thing.label : '';

/** What a decision's node, or the frame of a try, is moved as. */
function whole(diagram: Diagram, id: string): Thing | undefined {
  const thing = thingOf(diagram, id);
  if (!thing || thing.parent === undefined) return thing;
  const parent = thingOf(diagram, thing.parent);
  return (thing.kind === 'decision' && parent?.kind === 'branch') || (thing.kind === 'protected' && parent?.kind === 'try') ? parent : thing;
}

/** Up or down by one: before the thing above, behind the thing below; undefined at the edge. */
export function moveBy(diagram: Diagram, id: string, step: -1 | 1): Spot | undefined {
  const thing = whole(diagram, id);
  if (!thing) return undefined;
  const row = things(diagram).filter(each => each.parent === thing.parent && each.id !== 'start' && each.kind !== 'function' && each.span.length > 0).sort((a, b) => a.order - b.order);
  const other = row[row.findIndex(each => each.id === thing.id) + step];
  return other && { at: other.id, place: step < 0 ? 'Before' : 'After' };
}

/** The things of one block from one through the other, whichever stands first, by their ids; undefined where the two stand in different blocks. */
export function runOf(diagram: Diagram, one: string, other: string): ReadonlySet<string> | undefined {
  const [from, to] = [whole(diagram, one), whole(diagram, other)];
  if (!from || !to || from.parent !== to.parent || from.id === 'start' || to.id === 'start' || isInExpression(diagram, from.id)) return undefined;
  const [low, high] = [Math.min(from.order, to.order), Math.max(from.order, to.order)];
  return new Set(things(diagram).filter(each => each.parent === from.parent && each.id !== 'start' && each.order >= low && each.order <= high && each.span.length > 0).map(each => each.id));
}

export const matches = (entry: PaletteEntry, node: Thing): boolean =>
  'capability' in node && node.capability !== undefined ? entry.group === node.capability && entry.name === node.action : entry.group === 'Language' && entry.name === node.action;

/** What fits what somebody types, best first: names that begin so, then names that hold it, then words of the summary. Every word must fit. */
export function search<T extends Pick<PaletteEntry, 'name' | 'group' | 'summary'>>(entries: readonly T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/[\s.]+/).filter(word => word !== '');
  const scored = entries.flatMap(entry => {
    const [name, group, summary] = [entry.name.toLowerCase(), entry.group.toLowerCase(), entry.summary.toLowerCase()];
    let score = 0;
    for (const word of words) {
      if (name.startsWith(word)) score += 0;
      else if (group.startsWith(word)) score += 1;
      else if (name.includes(word)) score += 2;
      else if (summary.includes(word)) score += 5;
      else return [];
    }
    return [{ entry, score }];
  });
  return scored.sort((a, b) => a.score - b.score).map(each => each.entry);
}

export interface Argument {
  readonly name?: string;
  readonly value: string;
}

/** The arguments of the call at the end of a piece of C#: `Firewall.Block(address, ttl)` has two. */
export function argumentsOf(source: string, span: Span): Argument[] {
  const code = source.slice(span.start, span.start + span.length);
  const marks = structure(code);
  const close = marks.findLast(mark => mark.text === ')');
  if (!close) return [];
  let depth = 0;
  let open = -1;
  for (let i = marks.indexOf(close); i >= 0; i--) {
    const mark = marks[i];
    if (!mark) break;
    if (')]}'.includes(mark.text)) depth++;
    if ('([{'.includes(mark.text) && --depth === 0) { open = i; break; }
  }
  const from = marks[open];
  if (!from) return [];
  const parts: string[] = [];
  let start = from.at + 1;
  depth = 0;
  for (const mark of marks.slice(open + 1)) {
    if (mark === close) break;
    if ('([{'.includes(mark.text)) depth++;
    if (')]}'.includes(mark.text)) depth--;
    if (mark.text === ',' && depth === 0) { parts.push(code.slice(start, mark.at)); start = mark.at + 1; }
  }
  parts.push(code.slice(start, close.at));
  return parts.map(part => part.trim()).filter(part => part !== '').map(part => {
    const named = /^([A-Za-z_]\w*)\s*:(?!:)\s*([\s\S]*)$/.exec(part);
    return named ? { name: named[1], value: named[2] ?? '' } : { value: part };
  });
}

/** Brackets and commas that are neither in texts nor in comments. */
function structure(code: string): { readonly text: string; readonly at: number }[] {
  return tokenize(code).filter(token => token.kind !== 'string' && token.kind !== 'comment').flatMap(token => [...token.text].flatMap((text, i) => '()[]{},'.includes(text) ? [{ text, at: token.start + i }] : []));
}

/** What is given for a parameter now: by its name, else by its place. */
export function given(args: readonly Argument[], parameter: string, position: number): string {
  const named = args.find(each => each.name === parameter);
  if (named) return named.value;
  const placed = args[position];
  return placed && args.slice(0, position + 1).every(each => each.name === undefined) ? placed.value : '';
}

/** The items of a `foreach`, as written. */
export function itemsOf(source: string, span: Span): string {
  const head = /^(?:await\s+)?foreach\s*\(/.exec(source.slice(span.start, span.start + span.length));
  if (!head) return '';
  const code = source.slice(span.start + head[0].length - 1, span.start + span.length);
  let depth = 0;
  const end = structure(code).find(mark => {
    if (mark.text === '(') depth++;
    return mark.text === ')' && --depth === 0;
  });
  return end ? /\sin\s+([\s\S]*)$/.exec(code.slice(1, end.at))?.[1]?.trim() ?? '' : '';
}

/** How a file ends its lines. The editor has one kind inside; a file of both kinds could not be given back as it was. */
export function lineEnds(source: string): 'lf' | 'crlf' | 'mixed' {
  const all = source.split('\n').length - 1;
  const windows = source.split('\r\n').length - 1;
  return source.replaceAll('\r\n', '').includes('\r') ? 'mixed' : windows === 0 ? 'lf' : windows === all ? 'crlf' : 'mixed';
}

/** The first character that is not white space of what a change brought: what was inserted stands there afterwards. */
export function landing(changes: readonly TextChange[]): number | undefined {
  const change = changes.find(each => each.text.trim() !== '');
  if (!change) return undefined;
  let shift = 0;
  for (const before of changes) if (before.start < change.start) shift += before.text.length - before.length;
  return change.start + shift + (change.text.length - change.text.trimStart().length);
}
