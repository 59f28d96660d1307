import '@xyflow/react/dist/base.css';
import '../styles/canvas.css';
import { MiniMap, ReactFlow, ReactFlowProvider, ViewportPortal, useReactFlow, type Node as FlowNode, type NodeChange, type NodeTypes } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState, type DragEvent, type KeyboardEvent, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { Diagram } from '../model/diagram';
import { layOut, type Layout } from '../model/layout/layout';
import type { NodeMark } from '../model/run-state';
import { Icon } from '../parts/icon';
import { thingOf, titleOf } from '../model/edit';
import { dropped, isOurs, Movable, type CanvasEdits } from './canvas-edits';
import { useCanvasNodes } from './canvas-nodes';
import { CardNode } from './card-node';
import { FrameNode } from './frame-node';
import { InsertPoints, nearest, placedPoints, type PlacedPoint } from './insert-points';
import { Routes } from './routes';
import { TitleField } from './title-field';

const nodeTypes: NodeTypes = { card: CardNode, frame: FrameNode };
/** A small picture is an overview of itself. */
const mapFrom = 30;
const noMarks: ReadonlyMap<string, NodeMark> = new Map();
const none: ReadonlySet<string> = new Set();
const nowhere: readonly PlacedPoint[] = [];

interface CanvasProps {
  readonly diagram: Diagram;
  readonly marks?: ReadonlyMap<string, NodeMark>;
  readonly selected: string | undefined;
  /** What is going on now: it comes into view when it changes, without being selected. */
  readonly follow?: string;
  readonly onSelect: (id: string | undefined) => void;
  /** Lets things be put in, dragged to another place and named. */
  readonly edits?: CanvasEdits;
  /** Ways that tests took, by the ids of branches. */
  readonly taken?: ReadonlySet<string>;
  /** Nodes before which a dry run stops. */
  readonly breakpoints?: ReadonlySet<string>;
  /** Chosen together with what is selected. */
  readonly several?: ReadonlySet<string>;
}

/** The picture of a playbook. Reads like a page: from the top down; where a thing stands is the layout's to say, so one that is dragged goes elsewhere in the program. */
export function DiagramCanvas(props: CanvasProps) {
  const layout = useMemo(() => layOut(props.diagram), [props.diagram]);
  return <ReactFlowProvider><Movable value={props.edits !== undefined}><Canvas {...props} layout={layout} /></Movable></ReactFlowProvider>;
}

function Canvas({ diagram, layout, marks = noMarks, selected, follow, onSelect, edits, taken, breakpoints = none, several = none }: CanvasProps & { readonly layout: Layout }) {
  const { t } = useTranslation();
  const [titling, setTitling] = useState<string>();
  const points = useMemo(() => edits ? placedPoints(diagram, layout) : nowhere, [diagram, layout, edits]);
  const drag = useDrop(points, edits);
  const nodes = useCanvasNodes(diagram, layout, marks, breakpoints, selected, several);
  const holder = useRef<HTMLDivElement>(null);
  const { fitView, zoomIn, zoomOut, setViewport } = useReactFlow();
  const reveal = useReveal(layout, holder);
  const shown = selected ?? follow;
  useEffect(() => { reveal(shown); }, [reveal, shown]);

  // At first as large as it can be read, from the top: a picture that is squeezed whole into the window shows nothing.
  const readable = useCallback(() => {
    const width = holder.current?.clientWidth ?? 800;
    const zoom = Math.min(1, Math.max(0.55, (width - 24) / layout.width));
    const start = layout.boxes.get('start');
    const axis = start ? start.x + start.w / 2 : layout.width / 2;
    const x = layout.width * zoom <= width ? (width - layout.width * zoom) / 2 : Math.min(0, width / 2 - axis * zoom);
    void setViewport({ x, y: 0, zoom });
  }, [layout, setViewport]);

  // The library tells what was chosen, not with which keys.
  const shift = useRef(false);
  const change = (changes: NodeChange[]) => {
    const chosen = changes.find(each => each.type === 'select' && each.selected);
    if (chosen?.type !== 'select') return;
    if (shift.current && edits && selected !== undefined) edits.onThrough(chosen.id);
    else onSelect(chosen.id);
  };
  const name = (id: string | undefined) => { if (edits && id !== undefined && id !== 'start' && thingOf(diagram, id)) setTitling(id); };
  // How far the arrows have gone with Shift held.
  const reached = useRef<string>(undefined);
  useEffect(() => { reached.current = undefined; }, [selected]);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'F2') {
      event.preventDefault();
      name(selected);
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const next = neighbour(nodes, reached.current ?? selected, event.key === 'ArrowDown' ? 1 : -1);
    if (event.shiftKey && edits && selected !== undefined && next !== undefined) {
      reached.current = next;
      edits.onThrough(next);
    } else {
      reached.current = undefined;
      onSelect(next);
    }
  };

  const [titled, box] = titling === undefined ? [] : [thingOf(diagram, titling), layout.boxes.get(titling)];
  return (
    <div className={`canvas${drag.over === undefined ? '' : ' dragging'}`} ref={holder} onKeyDown={press} onClickCapture={event => { shift.current = event.shiftKey; }} {...drag.handlers} role="group" aria-label={t('canvas.label', { name: diagram.header.name })}>
      <ReactFlow
        nodes={nodes} edges={[]} nodeTypes={nodeTypes} onNodesChange={change} onPaneClick={() => { onSelect(undefined); }} onInit={() => { readable(); reveal(shown); }}
        nodesDraggable={false} nodesConnectable={false} nodesFocusable edgesFocusable={false} deleteKeyCode={null} selectionKeyCode={null} multiSelectionKeyCode={null}
        onlyRenderVisibleElements minZoom={0.1} maxZoom={2} panOnScroll zoomOnDoubleClick={false} disableKeyboardA11y={false} proOptions={{ hideAttribution: true }}
        onNodeDoubleClick={(_, node) => { name(node.id); }}
        ariaLabelConfig={{ 'node.a11yDescription.default': '', 'node.a11yDescription.keyboardDisabled': '' }}
      >
        <ViewportPortal>
          <Routes layout={layout} taken={taken} />
          {edits && <InsertPoints points={points} over={drag.over} onInsert={edits.onInsert} />}
          {edits && titled && titling !== undefined && box && <TitleField key={titling} box={box} title={titleOf(titled)} onClose={() => { setTitling(undefined); }} onTitle={title => { edits.onTitle(titling, title); }} />}
        </ViewportPortal>
        {diagram.nodes.length > mapFrom && <MiniMap className="minimap" pannable zoomable ariaLabel={t('canvas.minimap')} nodeClassName={node => `mini ${String(node.className ?? '')}`} />}
      </ReactFlow>
      <div className="canvas-tools">
        <button type="button" className="icon-button" title={t('canvas.zoomIn')} aria-label={t('canvas.zoomIn')} onClick={() => { void zoomIn(); }}><Icon name="plus" /></button>
        <button type="button" className="icon-button" title={t('canvas.zoomOut')} aria-label={t('canvas.zoomOut')} onClick={() => { void zoomOut(); }}><Icon name="minus" /></button>
        <button type="button" className="icon-button" title={t('canvas.fit')} aria-label={t('canvas.fit')} onClick={() => { void fitView({ padding: 0.05 }); }}><Icon name="fit" /></button>
        <button type="button" className="icon-button" title={t('canvas.full')} aria-label={`1:1 – ${t('canvas.full')}`} onClick={readable}>1:1</button>
      </div>
    </div>
  );
}

/** What is dragged over the picture goes to the nearest place; that one is shown. */
function useDrop(points: readonly PlacedPoint[], edits: CanvasEdits | undefined) {
  const { screenToFlowPosition } = useReactFlow();
  const [over, setOver] = useState<string>();
  const at = (event: DragEvent) => {
    const { x, y } = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    return nearest(points, x, y);
  };
  const handlers = edits === undefined ? {} : {
    onDragOver: (event: DragEvent) => {
      if (!isOurs(event)) return;
      event.preventDefault();
      setOver(at(event)?.key);
    },
    onDragLeave: (event: DragEvent) => { if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) setOver(undefined); },
    onDragEnd: () => { setOver(undefined); },
    onDrop: (event: DragEvent) => {
      const [what, point] = [dropped(event), at(event)];
      setOver(undefined);
      if (what === undefined || point === undefined) return;
      event.preventDefault();
      edits.onDrop(what, { at: point.at, place: point.place });
    },
  };
  return { over, handlers };
}

/** The node above or below in the order in which things are done. */
function neighbour(nodes: readonly FlowNode[], selected: string | undefined, step: number): string | undefined {
  const cards = nodes.filter(node => node.type === 'card').sort((a, b) => a.position.y - b.position.y || a.position.x - b.position.x);
  const at = cards.findIndex(node => node.id === selected);
  return cards[at < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, at + step))]?.id;
}

/** Brings a thing into view where it is not: what was selected in the code or in a list, or what a run does now. */
function useReveal(layout: Layout, holder: RefObject<HTMLDivElement | null>): (id: string | undefined) => void {
  const { setCenter, getViewport } = useReactFlow();
  return useCallback(id => {
    const box = id === undefined ? undefined : layout.boxes.get(id);
    const pane = holder.current;
    if (!box || !pane) return;
    const { x, y, zoom } = getViewport();
    const [left, top] = [box.x * zoom + x, box.y * zoom + y];
    const across = left >= 0 && left + Math.min(box.w, 240) * zoom <= pane.clientWidth;
    if (across && top >= 0 && top + Math.min(box.h, 60) * zoom <= pane.clientHeight) return;
    // Flow runs down: the picture does not move sideways where it need not.
    const middle = across ? (pane.clientWidth / 2 - x) / zoom : box.x + box.w / 2;
    void setCenter(middle, box.y + Math.min(box.h / 2, 120), { zoom, duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200 });
  }, [layout, holder, setCenter, getViewport]);
}
