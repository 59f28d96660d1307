import type { Mark, NodeMark } from '../model/run-state';

const glyphs: Record<Mark, string> = {
  done: 'm-3.400.3 2.400 2.400 4.400-5',
  running: 'M-1.700-3.200v6.400L3.500 0z',
  waiting: 'M0-3.400V0l2.300 1.600',
  retrying: 'M3.200-.600A3.300 3.300 0 1 1 2-2.800m.6-1.200v2H.6',
  failed: 'm-2.700-2.700 5.400 5.400m0-5.400-5.400 5.400',
  unknown: 'M-1.900-1.700C-1.900-3-1-3.700 0-3.700S2-3 2-1.800C2-.500 0-.300 0 1.100M0 3.300v.1',
  cancelled: 'M-2.400-2.400h4.800v4.800h-4.800z',
};

/** Where a step stands: a colour and a sign. Several that share a node are counted. */
export function MarkSign({ mark, x, y, counted = false }: { readonly mark: NodeMark; readonly x: number; readonly y: number; readonly counted?: boolean }) {
  const count = mark.total > 1 ? `${mark.done}/${mark.total}` : '';
  return (
    <g className={`sign s-${mark.mark}`} transform={`translate(${x} ${y})`}>
      <circle r={8} />
      <path d={glyphs[mark.mark]} className={mark.mark === 'running' || mark.mark === 'cancelled' ? 'filled' : undefined} />
      {count && <text x={counted ? -14 : -12} y={counted ? 4 : -6} textAnchor="end">{count}</text>}
    </g>
  );
}
