import type { EdgeKind } from '../diagram';

export const gap = 30;
export const side = 34;
export const pad = 18;
export const stub = 16;
export const margin = 28;

interface Size {
  readonly id?: string;
  w: number;
  h: number;
  /** Where flow enters at the top and leaves at the bottom, from the block's left edge. */
  axis: number;
  /** Whether flow goes on below it. */
  completes: boolean;
}

export interface Leaf extends Size { readonly shape: 'leaf' }

/** A way of a decision on which nothing is done. */
export interface Empty extends Size { readonly shape: 'empty' }

export interface Column extends Size { readonly shape: 'column'; readonly items: Block[] }

export interface Frame extends Size { readonly shape: 'frame'; readonly inside: Column; readonly header: number }

export interface Lanes extends Size { readonly shape: 'lanes'; readonly lanes: Block[]; readonly header: number; readonly indent: number }

export interface Way {
  readonly block: Block;
  readonly kind: EdgeKind;
  readonly label: string;
  readonly branch?: string;
  x: number;
}

export interface Branch extends Size {
  readonly shape: 'branch';
  readonly decision: Block;
  readonly ways: Way[];
  /** The way that goes straight down, where there is one. */
  main?: Way;
  /** A guard: the end that stands beside its question. */
  beside?: Way;
  armsTop: number;
  joins: boolean;
}

export interface Try extends Size {
  readonly shape: 'try';
  readonly body: Block;
  readonly catches: Way[];
  readonly last?: Block;
  rowHeight: number;
  joins: boolean;
}

export type Block = Leaf | Empty | Column | Frame | Lanes | Branch | Try;

/** A rectangle on the canvas, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** One line of flow, as corner points. */
export interface Route {
  readonly points: readonly (readonly [number, number])[];
  readonly arrow: boolean;
  readonly kind: EdgeKind;
  readonly label: string;
  readonly labelX: number;
  readonly labelY: number;
  readonly branch?: string;
}
