import type { EdgeKind } from '../diagram';
import { gap, pad, side, stub, type Block, type Box, type Branch, type Column, type Frame, type Lanes, type Route, type Try, type Way } from './blocks';

type Point = readonly [number, number];

/** From the outside in: positions and lines. Each block once. */
export class Place {
  readonly boxes = new Map<string, Box>();
  readonly routes: Route[] = [];
  /** Fork and join bars of lanes. */
  readonly bars: Box[] = [];
  operations = 0;

  block(block: Block, x: number, y: number): void {
    this.operations++;
    if (block.id !== undefined) this.boxes.set(block.id, { x, y, w: block.w, h: block.h });
    switch (block.shape) {
      case 'column': return this.column(block, x, y);
      case 'frame': return this.frame(block, x, y);
      case 'lanes': return this.lanes(block, x, y);
      case 'branch': return this.branch(block, x, y);
      case 'try': return this.attempt(block, x, y);
      case 'leaf':
      case 'empty': return;
    }
  }

  private column(column: Column, x: number, top: number): void {
    const axis = x + column.axis;
    let y = top;
    let before: Block | undefined;
    for (const item of column.items) {
      if (before) {
        if (before.completes) this.line('next', true, [axis, y], [axis, y + gap]);
        y += gap;
      }
      this.block(item, axis - item.axis, y);
      y += item.h;
      before = item;
    }
  }

  private frame(frame: Frame, x: number, y: number): void {
    if (frame.inside.h === 0) return;
    const axis = x + frame.axis;
    const top = y + frame.header + gap;
    this.line('next', true, [axis, y + frame.header], [axis, top]);
    this.block(frame.inside, axis - frame.inside.axis, top);
    if (frame.inside.completes) this.line('next', false, [axis, top + frame.inside.h], [axis, y + frame.h]);
  }

  private lanes(lanes: Lanes, x: number, y: number): void {
    const fork = y + lanes.header + stub;
    const join = y + lanes.h - pad;
    const center = x + lanes.axis;
    let at = x + pad + lanes.indent;
    let left = center;
    let right = center;
    for (const lane of lanes.lanes) {
      const axis = at + lane.axis;
      left = Math.min(left, axis);
      right = Math.max(right, axis);
      if (lane.h > 0) this.line('next', true, [axis, fork], [axis, fork + gap]);
      this.block(lane, at, fork + gap);
      if (lane.completes) this.line('next', false, [axis, fork + gap + lane.h], [axis, join]);
      at += lane.w + side;
    }
    this.line('next', false, [center, y + lanes.header], [center, fork]);
    this.line('next', false, [center, join], [center, y + lanes.h]);
    this.bars.push({ x: left - 22, y: fork - 2, w: right - left + 44, h: 4 }, { x: left - 22, y: join - 2, w: right - left + 44, h: 4 });
  }

  private branch(branch: Branch, x: number, y: number): void {
    const axis = x + branch.axis;
    this.block(branch.decision, axis - branch.decision.axis, y);
    if (branch.main) this.aroundMain(branch, branch.main, x, y);
    else this.inRow(branch, x, y);
  }

  private aroundMain(branch: Branch, main: Way, x: number, y: number): void {
    const { decision } = branch;
    const axis = x + branch.axis;
    const bottom = y + decision.h;
    const armsTop = y + branch.armsTop;
    const join = y + branch.h;
    const nothing = main.block.shape === 'empty';
    this.way(main, !nothing, axis + 7, bottom + 17, [axis, bottom], [axis, nothing ? join : armsTop]);
    if (!nothing) {
      this.block(main.block, x + main.x, armsTop);
      if (main.block.completes && armsTop + main.block.h < join) this.line('next', false, [axis, armsTop + main.block.h], [axis, join]);
    }
    for (const aside of branch.ways) {
      if (aside === main) continue;
      const corner = axis - decision.axis + decision.w;
      const middle = y + decision.h / 2;
      const asideAxis = x + aside.x + aside.block.axis;
      if (aside === branch.beside) {
        this.way(aside, true, corner + 8, middle - 6, [corner, middle], [x + aside.x, middle]);
        this.block(aside.block, x + aside.x, Math.max(y, middle - aside.block.h / 2));
        continue;
      }
      this.way(aside, true, corner + 8, middle - 6, [corner, middle], [asideAxis, middle], [asideAxis, armsTop]);
      this.block(aside.block, x + aside.x, armsTop);
      if (aside.block.completes) this.line('next', false, [asideAxis, armsTop + aside.block.h], [asideAxis, join], [axis, join]);
    }
  }

  private inRow(branch: Branch, x: number, y: number): void {
    const axis = x + branch.axis;
    const bottom = y + branch.decision.h;
    const armsTop = y + branch.armsTop;
    const join = y + branch.h;
    const bus = bottom + stub;
    for (const way of branch.ways) {
      const wayAxis = x + way.x + way.block.axis;
      const nothing = way.block.shape === 'empty';
      const points: Point[] = [[axis, bottom], [axis, bus], [wayAxis, bus], [wayAxis, nothing ? join : armsTop]];
      if (nothing) points.push([axis, join]);
      this.way(way, !nothing, wayAxis + 7, armsTop - 11, ...points);
      if (nothing) continue;
      this.block(way.block, x + way.x, armsTop);
      if (way.block.completes) this.line('next', false, [wayAxis, armsTop + way.block.h], [wayAxis, join], [axis, join]);
    }
  }

  private attempt(attempt: Try, x: number, y: number): void {
    const axis = x + attempt.axis;
    const { body, last } = attempt;
    this.block(body, axis - body.axis, y);
    const join = y + attempt.rowHeight;
    if (body.completes && body.h < attempt.rowHeight) this.line('next', false, [axis, y + body.h], [axis, join]);
    const from = axis - body.axis + body.w;
    for (const handler of attempt.catches) {
      const handlerAxis = x + handler.x + handler.block.axis;
      const top = y + gap + 10;
      this.way({ ...handler, label: '' }, true, 0, 0, [from, y + 15], [handlerAxis, y + 15], [handlerAxis, top]);
      this.block(handler.block, x + handler.x, top);
      if (handler.block.completes) this.line('next', false, [handlerAxis, top + handler.block.h], [handlerAxis, join], [axis, join]);
    }
    if (!last) return;
    this.line('next', true, [axis, join], [axis, join + gap]);
    this.block(last, axis - last.axis, join + gap);
  }

  private line(kind: EdgeKind, arrow: boolean, ...points: Point[]): void {
    this.routes.push({ points, arrow, kind, label: '', labelX: 0, labelY: 0 });
  }

  private way(way: Way, arrow: boolean, labelX: number, labelY: number, ...points: Point[]): void {
    this.routes.push({ points, arrow, kind: way.kind, label: way.label, labelX, labelY, branch: way.branch });
  }
}
