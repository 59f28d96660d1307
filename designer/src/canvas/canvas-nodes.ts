import type { Node } from '@xyflow/react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Card } from '../model/card';
import type { Diagram, DiagramGroup, DiagramNode } from '../model/diagram';
import type { Layout } from '../model/layout/layout';
import type { NodeMark } from '../model/run-state';

export interface CardData extends Record<string, unknown> {
  readonly node: DiagramNode;
  readonly card: Card;
  readonly mark: NodeMark | undefined;
  /** A dry run stops before it. */
  readonly stops: boolean;
}

export interface FrameData extends Record<string, unknown> {
  readonly group: DiagramGroup;
  readonly head: Card;
  readonly w: number;
  readonly h: number;
  readonly mark: NodeMark | undefined;
}

/** What React Flow shows. A node whose mark and selection did not change keeps its object, so that it is not drawn again. */
export function useCanvasNodes(diagram: Diagram, layout: Layout, marks: ReadonlyMap<string, NodeMark>, breakpoints: ReadonlySet<string>, selected: string | undefined, several: ReadonlySet<string>): Node[] {
  const { t } = useTranslation();
  const still = useMemo(() => placed(diagram, layout), [diagram, layout]);
  return useMemo(() => still.map(node => {
    const mark = marks.get(node.id);
    const isSelected = node.id === selected || several.has(node.id);
    const stops = breakpoints.has(node.id);
    if (!mark && !isSelected && !stops) return node;
    const label = [node.ariaLabel ?? '', ...(mark ? [t(`mark.${mark.mark}`)] : []), ...(stops ? [t('canvas.stops')] : [])].join(', ');
    return { ...node, selected: isSelected, ariaLabel: label, className: `${node.className ?? ''}${mark ? ` mark-${mark.mark}` : ''}`, data: { ...node.data, mark, stops } };
  }), [still, marks, breakpoints, selected, several, t]);
}

function placed(diagram: Diagram, layout: Layout): Node[] {
  const frames: Node[] = [];
  for (const group of diagram.groups) {
    const box = layout.boxes.get(group.id);
    const head = layout.cards.get(group.id);
    if (!box || !head) continue;
    frames.push({
      id: group.id, type: 'frame', position: { x: box.x, y: box.y }, width: box.w, height: box.h, zIndex: -1000 + depth(diagram, group), className: `k-${group.kind}`,
      ariaLabel: words(head), data: { group, head, w: box.w, h: box.h, mark: undefined } satisfies FrameData,
    });
  }
  const cards = diagram.nodes.flatMap((node): Node[] => {
    const box = layout.boxes.get(node.id);
    const card = layout.cards.get(node.id);
    if (!box || !card) return [];
    return [{
      id: node.id, type: 'card', position: { x: box.x, y: box.y }, width: box.w, height: box.h, className: `k-${node.kind}`,
      ariaLabel: words(card), data: { node, card, mark: undefined, stops: false } satisfies CardData,
    }];
  });
  return [...frames, ...cards];
}

/** What can be read on it is what it is called. */
function words(card: Card): string {
  return [...card.lines, ...card.chips].map(part => part.text).join(' ');
}

function depth(diagram: Diagram, group: DiagramGroup): number {
  let levels = 0;
  for (let parent = group.parent; parent !== undefined && levels < 500; levels++) {
    const id = parent;
    parent = diagram.groups.find(candidate => candidate.id === id)?.parent;
  }
  return levels;
}
