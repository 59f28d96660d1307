import { memo, useEffect, useMemo, useRef, type MouseEvent } from 'react';
import { codeLines, type CodePiece } from '../model/code-lines';
import type { Diagnostic } from '../model/diagram';
import { Icon } from './icon';

interface CodeViewProps {
  readonly source: string;
  readonly label: string;
  readonly selection?: { readonly start: number; readonly length: number };
  readonly diagnostics?: readonly Diagnostic[];
  readonly onPosition?: (position: number) => void;
}

/** C# to read: coloured, with what is selected in the diagram marked. A click into it tells where. */
export function CodeView({ source, label, selection, diagnostics = [], onPosition }: CodeViewProps) {
  const lines = useMemo(() => codeLines(source, selection?.start ?? 0, selection ? selection.start + selection.length : 0), [source, selection?.start, selection?.length]);
  const findings = useMemo(() => new Map(diagnostics.map(finding => [finding.line, finding])), [diagnostics]);
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => {
    view.current?.querySelector('.sel')?.scrollIntoView({ block: 'nearest' });
  }, [selection?.start, selection?.length]);
  const click = (event: MouseEvent) => {
    const position = positionOf(event);
    if (position !== undefined) onPosition?.(position);
  };
  return (
    <div className="code" ref={view} tabIndex={0} role="region" aria-label={label} onClick={click}>
      {lines.map((pieces, i) => <Line key={i} number={i + 1} pieces={pieces} finding={findings.get(i + 1)} />)}
    </div>
  );
}

const Line = memo(function Line({ number, pieces, finding }: { readonly number: number; readonly pieces: readonly CodePiece[]; readonly finding: Diagnostic | undefined }) {
  return (
    <div className={`line${pieces.some(piece => piece.selected) ? ' has-sel' : ''}${finding ? ` finding ${finding.severity.toLowerCase()}` : ''}`}>
      <span className="number" aria-hidden="true">{finding ? <Icon name="alerts" size={11} /> : number}</span>
      <span className="text" title={finding?.message}>{pieces.map(piece => <span key={piece.start} data-start={piece.start} className={`${piece.kind}${piece.selected ? ' sel' : ''}`}>{piece.text}</span>)}{'\n'}</span>
    </div>
  );
}, (before, after) => before.number === after.number && before.finding === after.finding && same(before.pieces, after.pieces));

function same(one: readonly CodePiece[], other: readonly CodePiece[]): boolean {
  return one.length === other.length && one.every((piece, i) => piece.start === other[i]?.start && piece.selected === other[i].selected && piece.text === other[i].text);
}

function positionOf(event: MouseEvent): number | undefined {
  const target = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-start]') : null;
  if (!target) return undefined;
  const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  return Number(target.dataset.start) + (caret && target.contains(caret.offsetNode) ? caret.offset : 0);
}
