/** One part of a step's path: `for-each[3]` is item 3 of the combinator `for-each`; `isp-owner#2` the second time that step is done in its branch. */
export interface PathPart {
  readonly step: string;
  readonly index?: number;
  readonly occurrence: number;
}

const part = /^(.*?)(?:#(\d+))?(?:\[(\d+)\])?$/u;

/** `who[1]/for-each[0]/intel-lookup#2` → its parts; the last one is the step itself. */
export function parsePath(path: string): PathPart[] {
  return path.split('/').filter(text => text.length > 0).map(text => {
    const match = part.exec(text);
    const index = match?.[3];
    return { step: match?.[1] ?? text, occurrence: Number(match?.[2] ?? 1), ...(index === undefined ? {} : { index: Number(index) }) };
  });
}

/** The id of the step that a path ends at; empty where it names none. */
export function stepOf(path: string): string {
  return parsePath(path).at(-1)?.step ?? '';
}
