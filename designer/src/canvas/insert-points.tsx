import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { insertPoints, type InsertPoint, type Spot } from '../model/edit';
import type { Diagram } from '../model/diagram';
import type { Layout } from '../model/layout/layout';

export interface PlacedPoint extends InsertPoint {
  readonly x: number;
  readonly y: number;
}

/** Where in the picture something can be put. */
export function placedPoints(diagram: Diagram, layout: Layout): PlacedPoint[] {
  return insertPoints(diagram).flatMap(point => {
    const at = point.above === undefined ? onWay(layout, point.branch) : aboveThing(layout, point.above);
    return at ? [{ ...point, x: at[0], y: at[1] }] : [];
  });
}

/** The point that a drag over this place means. */
export function nearest(points: readonly PlacedPoint[], x: number, y: number): PlacedPoint | undefined {
  let best: PlacedPoint | undefined;
  let least = Infinity;
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

/** A `+` on every line where something can be put. They are for the pointer; the keyboard inserts behind what is selected. */
export const InsertPoints = memo(function InsertPoints({ points, over, onInsert }: { readonly points: readonly PlacedPoint[]; readonly over: string | undefined; readonly onInsert: (spot: Spot) => void }) {
  const { t } = useTranslation();
  return points.map(point => (
    <button key={point.key} type="button" tabIndex={-1} className={`insert-point nopan${point.key === over ? ' over' : ''}`} style={{ transform: `translate(${String(point.x - 9)}px, ${String(point.y - 9)}px)` }} title={t('editor.insertHere')} aria-label={t('editor.insertHere')}
      onClick={() => { onInsert({ at: point.at, place: point.place }); }}>+</button>
  ));
});

// On the line that ends at the thing's top, in its middle.
function aboveThing(layout: Layout, id: string): readonly [number, number] | undefined {
  const box = layout.boxes.get(id);
  if (!box) return undefined;
  const line = layout.routes.find(route => {
    const end = route.points.at(-1);
    return end !== undefined && Math.abs(end[1] - box.y) < 1 && end[0] >= box.x - 1 && end[0] <= box.x + box.w + 1;
  });
  const [end, before] = [line?.points.at(-1), line?.points.at(-2)];
  if (!end || !before) return undefined;
  return [end[0], Math.max(end[1] - 17, (end[1] + before[1]) / 2)];
}

function onWay(layout: Layout, branch: string | undefined): readonly [number, number] | undefined {
  const points = layout.routes.find(route => route.branch === branch)?.points ?? [];
  let best: readonly [number, number] | undefined;
  let longest = 0;
  points.forEach((point, i) => {
    const next = points[i + 1];
    if (!next) return;
    const length = Math.abs(next[0] - point[0]) + Math.abs(next[1] - point[1]);
    if (length <= longest) return;
    longest = length;
    best = [(point[0] + next[0]) / 2, (point[1] + next[1]) / 2];
  });
  return best;
}
