import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { insertPoints, type Spot } from '../model/edit';
import type { Diagram } from '../model/diagram';
import type { Layout } from '../model/layout/layout';

/** A `+` on every line where something can be put. They are for the pointer; the keyboard inserts behind what is selected. */
export const InsertPoints = memo(function InsertPoints({ diagram, layout, onInsert }: { readonly diagram: Diagram; readonly layout: Layout; readonly onInsert: (spot: Spot) => void }) {
  const { t } = useTranslation();
  return insertPoints(diagram).map(point => {
    const at = point.above === undefined ? onWay(layout, point.branch) : aboveThing(layout, point.above);
    return at && (
      <button key={point.key} type="button" tabIndex={-1} className="insert-point nopan" style={{ transform: `translate(${String(at[0] - 9)}px, ${String(at[1] - 9)}px)` }} title={t('editor.insertHere')} aria-label={t('editor.insertHere')}
        onClick={() => { onInsert({ at: point.at, place: point.place }); }}>+</button>
    );
  });
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
