import type { Node, NodeProps } from '@xyflow/react';
import { memo, use } from 'react';
import { chipHeight, stripWidth, type Card } from '../model/card';
import type { DiagramNode } from '../model/diagram';
import { beginDrag, Movable } from './canvas-edits';
import type { CardData } from './canvas-nodes';
import { KindIcon } from './kind-icon';
import { MarkSign } from './mark-sign';

/** A node: its shape, icon, lines and chips, where the card says. */
export const CardNode = memo(function CardNode({ data }: NodeProps<Node<CardData>>) {
  const { node, card, mark, stops } = data;
  const movable = use(Movable) && node.kind !== 'start';
  return (
    <div draggable={movable} className={movable ? 'nopan' : undefined} onDragStart={event => { beginDrag(event, { thing: node.id }); }}>
      <svg width={card.w} height={card.h} className="card" aria-hidden="true" overflow="visible">
        <Shape node={node} card={card} />
        <CardText card={card} />
        {stops && <circle className="breakpoint" cx={0} cy={card.h / 2} r={6} />}
        {mark && <MarkSign mark={mark} x={card.w - 10} y={10} />}
      </svg>
    </div>
  );
});

function Shape({ node, card: { w, h } }: { readonly node: DiagramNode; readonly card: Card }) {
  switch (node.kind) {
    case 'start':
      return <><rect className="shape" width={w} height={h} rx={10} /><path className="strip" d={`M0 10a10 10 0 0 1 10-10H${w - 10}a10 10 0 0 1 10 10z`} transform="scale(1 .5)" /></>;
    case 'decision':
      return <path className="shape" d={`M14 0H${w - 14}L${w} ${h / 2} ${w - 14} ${h}H14L0 ${h / 2}z`} />;
    case 'end':
    case 'errorEnd':
      return <><rect className="shape" width={w} height={h} rx={Math.min(19, h / 2)} /><KindIcon kind={node.kind} x={13} y={9} /></>;
    case 'jump':
    case 'return':
      return <><rect className="shape" width={w} height={h} rx={12} /><KindIcon kind={node.kind} x={6} y={4} /></>;
    default:
      return (
        <>
          <rect className="shape" width={w} height={h} rx={8} />
          {node.many && <path className="many" d={`M4 ${h + 3.5}H${w - 4}M${w + 3.5} 4V${h - 2}`} />}
          <path className="strip" d={`M1 8a7 7 0 0 1 7-7H${stripWidth}V${h - 1}H8a7 7 0 0 1-7-7z`} />
          <KindIcon kind={node.kind} x={9.5} y={8.5} />
        </>
      );
  }
}

export function CardText({ card }: { readonly card: Card }) {
  return (
    <>
      {card.lines.map((line, i) => <text key={i} x={line.x} y={line.y} className={`t-${line.style}`} textAnchor={line.centered ? 'middle' : undefined}>{line.text}</text>)}
      {card.chips.map((chip, i) => (
        <g key={i} className={`chip ${chip.style}`} transform={`translate(${chip.x} ${chip.y})`}>
          <rect width={chip.w} height={chipHeight} rx={chipHeight / 2} /><text x={7} y={12}>{chip.text}</text>
        </g>
      ))}
    </>
  );
}
