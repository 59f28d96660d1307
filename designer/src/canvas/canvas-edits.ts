import { createContext, type DragEvent } from 'react';
import type { Spot } from '../model/edit';

/** What is dragged over the picture: one of its own things, or something of the palette by its place there. */
export type Dragged = { readonly thing: string } | { readonly entry: number };

/** What can be done to a picture by hand. */
export interface CanvasEdits {
  readonly onInsert: (spot: Spot) => void;
  readonly onDrop: (what: Dragged, spot: Spot) => void;
  readonly onTitle: (id: string, title: string) => void;
  /** Chosen together with what is selected, and all between. */
  readonly onThrough: (id: string) => void;
}

/** Whether things of this picture can be dragged: a context, so that no node is drawn again for it. */
export const Movable = createContext(false);

const kind = 'application/x-soar';

export function beginDrag(event: DragEvent, what: Dragged): void {
  event.dataTransfer.setData(kind, JSON.stringify(what));
  event.dataTransfer.effectAllowed = 'thing' in what ? 'move' : 'copy';
}

/** What a drag brings can be read only where it ends; until then its kind tells that it is ours. */
export const isOurs = (event: DragEvent): boolean => event.dataTransfer.types.includes(kind);

export function dropped(event: DragEvent): Dragged | undefined {
  const data = event.dataTransfer.getData(kind);
  return data === '' ? undefined : (JSON.parse(data) as Dragged);
}
