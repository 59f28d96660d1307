import type { Diagram, Span } from './diagram';

/** The smallest thing of the diagram whose code holds a position of the file; undefined between things. */
export function thingAt(diagram: Diagram, position: number): string | undefined {
  let best: { id: string; length: number } | undefined;
  for (const thing of [...diagram.groups, ...diagram.nodes]) {
    const { start, length } = thing.span;
    if (position < start || position > start + length) continue;
    if (!best || length <= best.length) best = { id: thing.id, length };
  }
  return best?.id;
}

export function spanOf(diagram: Diagram, id: string): Span | undefined {
  return (diagram.nodes.find(node => node.id === id) ?? diagram.groups.find(group => group.id === id))?.span;
}
