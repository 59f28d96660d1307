import type { GroupKind, NodeKind } from '../model/diagram';

/** The same signs as in the server's SVG (engine/Soar.Scripting/Diagram/DiagramSvgStyle.cs). */
const paths: Partial<Record<NodeKind | GroupKind, { readonly line?: string; readonly fill?: string }>> = {
  step: { fill: 'M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z' },
  human: { fill: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.500 14c.4-3.300 2.600-5 5.500-5s5.100 1.700 5.500 5z' },
  waiting: { line: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.500V8l2.500 1.800' },
  subPlaybook: { line: 'M3.800 1.800h5a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-5a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2z', fill: 'M8 6h4.200a2 2 0 0 1 2 2v4.200a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z' },
  code: { line: 'M5.500 4 2 8l3.500 4M10.500 4 14 8l-3.500 4' },
  call: { line: 'M2 8h9M8 4.500 11.500 8 8 11.500M14 3v10' },
  end: { line: 'm3 8.500 3.300 3.300L13 4.700' },
  errorEnd: { line: 'm4 4 8 8m0-8-8 8' },
  jump: { line: 'M2 4h7a4 4 0 0 1 0 8H4m2.500-3L3.500 12l3 3' },
  return: { line: 'M14 3v3a4 4 0 0 1-4 4H3m3-3.500L2.500 10 6 13.500' },
  loop: { line: 'M13.500 8A5.500 5.500 0 1 1 11.600 3.800M12 1v3.200H8.800' },
  lanes: { line: 'M3 2v12M8 2v12M13 2v12' },
  protected: { line: 'M8 1.500 13.500 3.500V8c0 3.300-2.300 5.500-5.500 6.500C4.800 13.500 2.500 11.300 2.500 8V3.500z' },
  catch: { line: 'M8 2 14.500 13.500h-13zM8 6.500v3.200m0 1.900v.1' },
  finally: { line: 'M3.500 14V2.500h8.800l-2 3 2 3H3.500' },
  function: { line: 'M11.500 2.500c-3-.8-3.300 1-3.700 3.500l-.9 4.500c-.4 2.500-1.200 3.600-3.400 3M5 6.800h6' },
};

export function KindIcon({ kind, x, y }: { readonly kind: NodeKind | GroupKind; readonly x: number; readonly y: number }) {
  const path = paths[kind];
  if (!path) return null;
  return (
    <g className="kind" transform={`translate(${x} ${y})`}>
      {path.fill !== undefined && <path d={path.fill} className="filled" />}
      {path.line !== undefined && <path d={path.line} />}
    </g>
  );
}
