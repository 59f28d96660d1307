import type { Node, NodeProps } from '@xyflow/react';
import { memo, use } from 'react';
import { beginDrag, Movable } from './canvas-edits';
import type { FrameData } from './canvas-nodes';
import { CardText } from './card-node';
import { KindIcon } from './kind-icon';
import { MarkSign } from './mark-sign';

/** A loop, lanes, a try: a frame around what it holds. Only its head takes the pointer. */
export const FrameNode = memo(function FrameNode({ data }: NodeProps<Node<FrameData>>) {
  const { group, head, w, h, mark } = data;
  const movable = use(Movable);
  return (
    <div draggable={movable} className={movable ? 'nopan' : undefined} onDragStart={event => { beginDrag(event, { thing: group.id }); }}>
      <svg width={w} height={h} className="frame-node" aria-hidden="true" overflow="visible">
        <rect className="shape" width={w} height={h} rx={10} />
        <path className="band" d={`M0 10a10 10 0 0 1 10-10H${w - 10}a10 10 0 0 1 10 10V${head.h}H0z`} />
        <KindIcon kind={group.kind} x={9} y={8} />
        <CardText card={head} />
        {mark && <MarkSign mark={mark} x={w - 12} y={14} counted />}
      </svg>
    </div>
  );
});
