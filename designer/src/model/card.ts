import type { DiagramGroup, DiagramHeader, DiagramNode } from './diagram';
import { elide, textWidth, wrap } from './text-width';

export type LineStyle = 'title' | 'name' | 'text' | 'small' | 'mono' | 'source' | 'ask' | 'askSource' | 'head';

/** One line of text on a card, relative to the card's corner; `y` is its base line. */
export interface CardLine {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly style: LineStyle;
  readonly centered?: boolean;
}

/** A small label on a card: a modifier or a result. */
export interface CardChip {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly style: 'plain' | 'result' | 'tlp';
}

/** What is written on a node or on the head of a frame, and how much room it takes. Room for the mark of a run's state is always kept, so that a run never moves the picture. */
export interface Card {
  readonly w: number;
  readonly h: number;
  readonly lines: readonly CardLine[];
  readonly chips: readonly CardChip[];
}

export const chipHeight = 17;
export const smallText = 11;
export const stripWidth = 34;
const textRoom = 250;
const markRoom = 18;
const sizes: Record<LineStyle, number> = { title: 13, name: 16.5, text: 12, small: 11, mono: 11, source: 11, ask: 12.5, askSource: 11.5, head: 13 };
const monospaced = new Set<LineStyle>(['mono', 'source', 'askSource']);

class Writer {
  h = 0;
  readonly lines: CardLine[] = [];
  readonly chips: CardChip[] = [];

  write(texts: readonly string[], x: number, y: number, step: number, style: LineStyle): void {
    if (texts.length === 0) return;
    texts.forEach((text, i) => this.lines.push({ text, x, y: y + i * step, style }));
    this.h = y + (texts.length - 1) * step;
  }

  row(texts: readonly { text: string; style: CardChip['style'] }[], x: number, room = textRoom + 20): void {
    if (texts.length === 0) return;
    let at = x;
    let top = this.h + 5;
    for (const { text, style } of texts) {
      const shown = elide(text, 220, 10.5);
      const w = textWidth(shown, 10.5) + 14;
      if (at > x && at + w > x + room) {
        at = x;
        top += chipHeight + 4;
      }
      this.chips.push({ text: shown, x: at, y: top, w, style });
      at += w + 6;
    }
    this.h = top + chipHeight;
  }

  right(): number {
    let right = 0;
    for (const line of this.lines) right = Math.max(right, line.x + textWidth(line.text, sizes[line.style], monospaced.has(line.style)));
    for (const chip of this.chips) right = Math.max(right, chip.x + chip.w);
    return right;
  }

  done(w: number): Card {
    return { w, h: this.h, lines: this.lines, chips: this.chips };
  }
}

export function nodeCard(node: DiagramNode, header: DiagramHeader): Card {
  switch (node.kind) {
    case 'start': return startCard(header);
    case 'decision': return decisionCard(node);
    case 'end':
    case 'errorEnd': return endCard(node);
    case 'jump':
    case 'return': return pillCard(node);
    default: return stepCard(node);
  }
}

/** The head of a frame: its title, and below it what the frame is and how it is bounded. */
export function headCard(group: DiagramGroup): Card {
  const card = new Writer();
  card.write(wrap(group.label, 300, 12.5, 2), 32, 20, 16, 'head');
  if (group.detail) card.write([elide(group.detail, 330, 11, true)], 32, card.h + 14, 14, 'mono');
  card.row(chipsOf(group), 32, 330);
  card.h += 9;
  return card.done(card.right() + 34);
}

function stepCard(node: DiagramNode): Card {
  const card = new Writer();
  const x = stripWidth + 10;
  if (node.kind === 'code') writeCode(card, node, x);
  else {
    card.write(wrap(node.label, textRoom, 13, 2), x, 21, 17, 'title');
    if (node.text) card.write(wrap(node.text, textRoom, 12, 3), x, card.h + 16, 15, 'text');
    else card.write(wrap(sourceOf(node), textRoom, 11, 2, true), x, card.h + 15, 14, 'mono');
  }
  card.h += 4;
  card.row(chipsOf(node), x);
  card.h += 7;
  return card.done(Math.max(130, card.right() + 14 + markRoom));
}

// Statements one per line; a title above them if there is one.
function writeCode(card: Writer, node: DiagramNode, x: number): void {
  const statements = (node.text || node.detail).split('\n').map(line => line.replace(/[;\s]+$/, ''));
  if (node.titled) card.write(wrap(node.label, textRoom, 13, 2), x, 21, 17, 'title');
  const lines = statements.length === 1 ? wrap(statements[0] ?? '', textRoom, 11, 3, true) : statements.slice(0, 4).map(line => elide(line, textRoom, 11, true));
  if (statements.length > 4) lines[3] = `… +${statements.length - 3}`;
  card.write(lines, x, node.titled ? card.h + 15 : 19, 14, node.titled ? 'mono' : 'source');
}

// With a title the action stands in the second line; without one the label says it and the second line has the arguments.
function sourceOf(node: DiagramNode): string {
  if (!node.action || node.id.startsWith('await-')) return node.detail;
  const name = node.capability ? `${node.instance ? `${node.capability}[${node.instance}]` : node.capability}.${node.action}` : node.action;
  if (node.label === node.detail) return '';
  if (node.action === 'Item') return node.detail;
  const same = node.label === name || node.label.replaceAll(' ', '').toLowerCase() === name.toLowerCase();
  return same || node.capability === 'Lists' ? node.detail : `${name}(${node.detail})`;
}

function chipsOf(thing: DiagramNode | DiagramGroup): { text: string; style: CardChip['style'] }[] {
  const chips: { text: string; style: CardChip['style'] }[] = thing.modifiers.map(modifier => ({ text: readable(modifier), style: 'plain' }));
  if (thing.result) chips.push({ text: `→ ${thing.result}`, style: 'result' });
  return chips;
}

function readable(modifier: string): string {
  const call = /^(Retry|Timeout)\((.*)\)$/.exec(modifier);
  return call ? `${call[1]?.toLowerCase() ?? ''} ${call[2] ?? ''}` : modifier;
}

function decisionCard(node: DiagramNode): Card {
  const card = new Writer();
  const code = !node.titled && node.text.length > 0;
  const size = code ? sizes.askSource : sizes.ask;
  const lines = code ? wrap(node.text, 240, size, 3, true) : wrap(node.label, 230, size, 3);
  const detail = code ? '' : elide(node.detail, 240, 11, true);
  const w = Math.max(0, ...lines.map(line => textWidth(line, size, code)), textWidth(detail, 11, true)) + 76;
  lines.forEach((text, i) => card.lines.push({ text, x: w / 2, y: 21 + 16 * i, style: code ? 'askSource' : 'ask', centered: true }));
  card.h = 21 + 16 * (lines.length - 1) + 13;
  if (detail) {
    card.lines.push({ text: detail, x: w / 2, y: card.h + 4, style: 'mono', centered: true });
    card.h += 15;
  }
  return card.done(w);
}

function endCard(node: DiagramNode): Card {
  const card = new Writer();
  card.write(wrap(node.label, 210, 13, 2), 36, 21, 17, 'title');
  if (node.text) card.write(wrap(node.text, 230, 12, 2), 36, card.h + 16, 15, 'text');
  card.h += 11;
  return card.done(card.right() + 20 + markRoom);
}

function pillCard(node: DiagramNode): Card {
  const card = new Writer();
  card.lines.push({ text: elide(node.label, 200, 11, true), x: 26, y: 16, style: 'mono' });
  card.h = 24;
  return card.done(card.right() + 12);
}

function startCard(header: DiagramHeader): Card {
  const width = 340;
  const card = new Writer();
  card.write(wrap(header.name, width, 16, 2), 18, 28, 20, 'name');
  card.h += 4;
  const facts: { text: string; style: CardChip['style'] }[] = [];
  if (header.version) facts.push({ text: header.version, style: 'plain' });
  if (header.type) facts.push({ text: header.type, style: 'plain' });
  if (header.tlp) facts.push({ text: `TLP:${header.tlp === 'AmberStrict' ? 'AMBER+STRICT' : header.tlp.toUpperCase()}`, style: 'tlp' });
  card.row(facts, 18, width);
  if (header.summary) card.write(wrap(header.summary, width, 12, 3), 18, card.h + 19, 16, 'text');
  card.write(header.triggers.slice(0, 4).flatMap(trigger => wrap(trigger, width, 11, 2, true)), 18, card.h + 19, 15, 'mono');
  const inputs = header.inputs.slice(0, 8).map(input =>
    elide(`${input.name}${input.default === undefined ? '' : ` = ${input.default}`}${input.description ? ` · ${input.description}` : ''}`, width, 11));
  card.write(inputs, 18, card.h + 19, 15, 'small');
  card.h += 14;
  return card.done(Math.max(220, card.right() + 18));
}
