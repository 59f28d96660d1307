import { smallText } from '../card';
import { textWidth } from '../text-width';
import { gap, side, stub, type Block, type Branch, type Try, type Way } from './blocks';

/** One way goes straight down where that is the natural reading: the empty one, or the one that goes on while the other ends. Else all stand in a row. */
export function arrangeBranch(block: Branch): void {
  const { ways } = block;
  block.main = mainWay(ways);
  block.completes = ways.some(way => way.block.completes);
  for (const way of ways) widen(way.block, textWidth(way.label, smallText) + 14);
  if (block.main) arrangeAroundMain(block, block.main);
  else arrangeInRow(block);
}

function mainWay(ways: readonly Way[]): Way | undefined {
  if (ways.length !== 1 && ways.length !== 2) return undefined;
  const empty = ways.find(way => way.block.shape === 'empty');
  if (empty) return empty;
  const [one, other] = ways;
  return one && other && one.block.completes !== other.block.completes ? ways.find(way => way.block.completes) : undefined;
}

function isGuard(block: Block): boolean {
  return block.shape === 'column' && block.items.length === 1 && block.items[0]?.shape === 'leaf' && !block.items[0].completes;
}

function arrangeAroundMain(block: Branch, main: Way): void {
  const { decision } = block;
  const aside = block.ways.find(way => way !== main);
  block.axis = Math.max(decision.axis, main.block.axis);
  const decisionRight = block.axis + decision.w - decision.axis;
  const mainRight = block.axis + main.block.w - main.block.axis;
  const label = aside ? textWidth(aside.label, smallText) + 26 : 0;
  const nothing = main.block.shape === 'empty';
  main.x = block.axis - main.block.axis;
  block.armsTop = decision.h + gap;
  if (aside && isGuard(aside.block)) {
    block.beside = aside;
    aside.x = decisionRight + Math.max(label, 40);
    const row = Math.max(decision.h, aside.block.h);
    block.armsTop = row + gap;
    block.h = nothing ? row + 14 : block.armsTop + main.block.h;
    block.w = Math.max(aside.x + aside.block.w, mainRight);
    return;
  }
  block.w = Math.max(decisionRight, mainRight);
  block.h = nothing ? decision.h + 14 : block.armsTop + main.block.h;
  if (!aside) return;
  aside.x = Math.max(mainRight + side, Math.max(decisionRight + label, decisionRight + 24) - aside.block.axis);
  block.w = Math.max(block.w, aside.x + aside.block.w);
  block.h = Math.max(block.h, block.armsTop + aside.block.h);
  block.joins = aside.block.completes;
  if (block.joins) block.h += stub;
}

function arrangeInRow(block: Branch): void {
  const { decision, ways } = block;
  let x = 0;
  for (const way of ways) {
    way.x = x;
    x += way.block.w + side;
  }
  const width = Math.max(0, x - side);
  const first = ways[0];
  const last = ways.at(-1);
  block.axis = first && last ? (first.x + first.block.axis + last.x + last.block.axis) / 2 : decision.axis;
  // A way that all but continues the axis continues it: no kinks.
  const straight = ways.map(way => way.x + way.block.axis).find(axis => Math.abs(axis - block.axis) < 30);
  if (straight !== undefined) block.axis = straight;
  const shift = Math.max(0, decision.axis - block.axis);
  block.axis += shift;
  for (const way of ways) way.x += shift;
  block.w = Math.max(shift + width, block.axis + decision.w - decision.axis);
  block.armsTop = decision.h + gap + 16;
  block.joins = block.completes;
  block.h = block.armsTop + Math.max(0, ...ways.map(way => way.block.h)) + (block.joins ? stub : 0);
}

// The label stands to the right of the axis; there must be room for it before the next arm begins.
function widen(block: Block, label: number): void {
  block.w = Math.max(block.w, block.axis + label);
}

/** The body on the axis, its handlers to the right, what is done in any case below. */
export function arrangeTry(block: Try): void {
  const { body, catches, last } = block;
  block.axis = body.axis;
  block.rowHeight = body.h;
  let x = body.w;
  for (const handler of catches) {
    handler.x = x + side + 10;
    x = handler.x + handler.block.w;
    block.rowHeight = Math.max(block.rowHeight, handler.block.h + gap + 10);
  }
  block.joins = catches.some(handler => handler.block.completes);
  if (block.joins) block.rowHeight += stub;
  block.w = x;
  block.h = block.rowHeight;
  block.completes = body.completes || block.joins;
  if (!last) return;
  const shift = Math.max(0, last.axis - block.axis);
  block.axis += shift;
  for (const handler of catches) handler.x += shift;
  block.w = Math.max(block.w + shift, block.axis + last.w - last.axis);
  block.h += gap + last.h;
  block.completes &&= last.completes;
}
