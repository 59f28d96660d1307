import type { Card } from '../card';
import type { Diagram } from '../diagram';
import { margin, type Box, type Route } from './blocks';
import { Measure } from './measure';
import { Place } from './place';

export interface Layout {
  /** By id of nodes and groups. */
  readonly boxes: ReadonlyMap<string, Box>;
  readonly cards: ReadonlyMap<string, Card>;
  readonly routes: readonly Route[];
  readonly bars: readonly Box[];
  readonly width: number;
  readonly height: number;
  /** Blocks measured and placed: the proof of linearity counts them. */
  readonly operations: number;
}

/**
 * Places nested blocks: a sequence is a column on one axis, branches and lanes stand side by side, a frame holds its column. Sizes are found from the inside
 * out, positions from the outside in, each block once: linear in the number of nodes. The position of a thing depends only on what stands before it and on
 * the widths of what encloses it, so a small edit leaves the rest of the picture as it was.
 */
export function layOut(diagram: Diagram): Layout {
  const measure = new Measure(diagram);
  const place = new Place();
  const main = measure.main();
  const functions = measure.functions();
  place.block(main, margin, margin);
  let width = main.w + 2 * margin;
  let height = main.h + 2 * margin;

  // Functions stand to the right, in columns about as high as the main flow.
  let x = main.w + margin + 64;
  let y = margin;
  let columnWidth = 0;
  for (const block of functions) {
    if (y > margin && y + block.h > Math.max(main.h, 900) + margin) {
      x += columnWidth + 40;
      y = margin;
      columnWidth = 0;
    }
    place.block(block, x, y);
    columnWidth = Math.max(columnWidth, block.w);
    width = Math.max(width, x + block.w + margin);
    height = Math.max(height, y + block.h + margin);
    y += block.h + 40;
  }
  return { boxes: place.boxes, cards: measure.cards, routes: place.routes, bars: place.bars, width, height, operations: measure.operations + place.operations };
}
