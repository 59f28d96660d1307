import { memo } from 'react';
import type { Route } from '../model/layout/blocks';
import type { Layout } from '../model/layout/layout';

const radius = 6;
type Point = readonly [number, number];

/**
 * All lines of flow in a handful of paths: one for plain flow, one for errors, one for arrow heads. So a thousand of them cost the page as much as one.
 */
export const Routes = memo(function Routes({ layout, taken }: { readonly layout: Layout; readonly taken?: ReadonlySet<string> }) {
  const plain = layout.routes.filter(route => route.kind !== 'error');
  const errors = layout.routes.filter(route => route.kind === 'error');
  return (
    <svg className="routes" width={layout.width} height={layout.height} aria-hidden="true">
      <path className="flow" d={plain.map(line).join('')} />
      <path className="flow error" d={errors.map(line).join('')} />
      {taken && <path className="flow taken" d={layout.routes.filter(route => route.branch !== undefined && taken.has(route.branch)).map(line).join('')} />}
      {taken && <path className="flow untaken" d={layout.routes.filter(route => route.branch !== undefined && !taken.has(route.branch)).map(line).join('')} />}
      <path className="arrow" d={plain.filter(route => route.arrow).map(head).join('')} />
      <path className="arrow error" d={errors.filter(route => route.arrow).map(head).join('')} />
      {layout.bars.map((bar, i) => <rect key={i} className="fork" x={bar.x} y={bar.y} width={bar.w} height={bar.h} rx={2} />)}
      {layout.routes.filter(route => route.label).map((route, i) => <text key={i} className={`way w-${route.kind}`} x={route.labelX} y={route.labelY}>{route.label}</text>)}
    </svg>
  );
});

// Corners are round, as long as both their sides are.
function line({ points }: Route): string {
  let path = '';
  points.forEach((point, i) => {
    const before = points[i - 1];
    const after = points[i + 1];
    if (!before) path += `M${at(point)}`;
    else if (!after || !turns(before, point, after)) path += `L${at(point)}`;
    else {
      const bend = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2);
      path += `L${at(toward(point, before, bend))}Q${at(point)} ${at(toward(point, after, bend))}`;
    }
  });
  return path;
}

function head({ points }: Route): string {
  const end = points.at(-1);
  const before = points.at(-2);
  if (!end || !before) return '';
  const [x, y] = end;
  const [dx, dy] = [Math.sign(x - before[0]), Math.sign(y - before[1])];
  const back = 7.5;
  const half = 3.6;
  return `M${x} ${y}L${x - dx * back + dy * half} ${y - dy * back + dx * half}L${x - dx * back - dy * half} ${y - dy * back - dx * half}z`;
}

const at = ([x, y]: Point) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
const distance = (a: Point, b: Point) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]);
const turns = (a: Point, b: Point, c: Point) => Math.abs(a[0] - c[0]) > 0.5 && Math.abs(a[1] - c[1]) > 0.5 && distance(a, b) > 0.5;
const toward = (from: Point, to: Point, by: number): Point => [from[0] + Math.sign(to[0] - from[0]) * by, from[1] + Math.sign(to[1] - from[1]) * by];
