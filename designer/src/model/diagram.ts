/** The diagram as `soar graph --json` and the server write it (format 1, engine/Soar.Scripting/Diagram/DiagramJson.cs). */

export type NodeKind =
  | 'start' | 'step' | 'human' | 'waiting' | 'subPlaybook' | 'code' | 'decision' | 'call' | 'jump' | 'return' | 'end' | 'errorEnd';

export type GroupKind =
  | 'branch' | 'arm' | 'loop' | 'lanes' | 'lane' | 'try' | 'protected' | 'catch' | 'finally' | 'function';

export type EdgeKind =
  | 'next' | 'true' | 'false' | 'case' | 'error' | 'loop' | 'approved' | 'refused' | 'expired' | 'call';

export type BranchKind = 'true' | 'false' | 'case' | 'noCase' | (string & {});

export interface Span {
  readonly start: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

interface Thing {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly span: Span;
  readonly parent?: string;
  readonly order: number;
  readonly stepId?: string;
  readonly action?: string;
  readonly modifiers: readonly string[];
  readonly result?: string;
  readonly awaits: readonly number[];
}

export interface DiagramNode extends Thing {
  readonly kind: NodeKind;
  readonly text: string;
  readonly titled: boolean;
  readonly many: boolean;
  readonly capability?: string;
  readonly instance?: string;
}

export interface DiagramGroup extends Thing {
  readonly kind: GroupKind;
  readonly endless: boolean;
}

export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: EdgeKind;
  readonly label: string;
  readonly branch?: string;
}

export interface DiagramInput {
  readonly name: string;
  readonly description: string;
  readonly default?: string;
  readonly from?: string;
}

export interface DiagramHeader {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly tlp: string;
  readonly summary: string;
  readonly triggers: readonly string[];
  readonly inputs: readonly DiagramInput[];
  /** The statements that it is written in. Diagrams of older versions do not tell. */
  readonly lines?: readonly { readonly word: string; readonly span: Span }[];
}

export interface DiagramBranch {
  readonly id: string;
  readonly kind: BranchKind;
  readonly owner: string;
  readonly label: string;
  readonly span: Span;
}

export interface Diagnostic {
  readonly code: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly remedy: string;
  readonly severity: string;
}

export interface Diagram {
  readonly format: number;
  readonly file: string;
  readonly header: DiagramHeader;
  readonly nodes: readonly DiagramNode[];
  readonly groups: readonly DiagramGroup[];
  readonly edges: readonly DiagramEdge[];
  readonly branches: readonly DiagramBranch[];
  readonly errors: readonly Diagnostic[];
}

/** Checks the outline of what the server sent: a diagram of another format would be drawn wrongly, so it is not drawn at all. */
export function readDiagram(json: unknown): Diagram {
  const document = json as Partial<Diagram> | null;
  if (document === null || typeof document !== 'object' || document.format !== 1 || !Array.isArray(document.nodes) || !Array.isArray(document.groups))
    throw new Error(`This console draws diagrams of format 1; the server sent format ${String(document?.format ?? 'none')}. Console and server are different versions: reload the page.`);
  return document as Diagram;
}
