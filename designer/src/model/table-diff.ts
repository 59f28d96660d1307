export type Row = readonly string[];

export interface RowChange {
  readonly change: 'Same' | 'Removed' | 'Added';
  readonly cells: Row;
}

/** More rows than this are not laid against each other one by one: then all of the one go and all of the other come. */
const most = 2_000;

/** What became of a table's rows, in order, told by the longest run of rows that both have. Columns are taken as they stand: another set of them changes every row. */
export function rowChanges(before: readonly Row[], after: readonly Row[]): RowChange[] {
  const [one, other] = [before.map(key), after.map(key)];
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start++;
  let [oneEnd, otherEnd] = [one.length, other.length];
  while (oneEnd > start && otherEnd > start && one[oneEnd - 1] === other[otherEnd - 1]) {
    oneEnd--;
    otherEnd--;
  }
  const same = (rows: readonly Row[]): RowChange[] => rows.map(cells => ({ change: 'Same', cells }));
  return [...same(before.slice(0, start)), ...between(before.slice(start, oneEnd), after.slice(start, otherEnd)), ...same(before.slice(oneEnd))];
}

const key = (row: Row) => JSON.stringify(row);

function between(before: readonly Row[], after: readonly Row[]): RowChange[] {
  const removed = before.map((cells): RowChange => ({ change: 'Removed', cells }));
  const added = after.map((cells): RowChange => ({ change: 'Added', cells }));
  if (before.length === 0 || after.length === 0 || before.length > most || after.length > most) return [...removed, ...added];
  const [one, other] = [before.map(key), after.map(key)];
  const width = other.length + 1;
  // How many rows both have in common from here on.
  const common = new Uint16Array((one.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = one.length - 1; i >= 0; i--) for (let j = other.length - 1; j >= 0; j--) common[i * width + j] = one[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const changes: RowChange[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      changes.push({ change: 'Same', cells: before[i] ?? [] });
      i++;
      j++;
    } else if (j >= other.length || (i < one.length && at(i + 1, j) >= at(i, j + 1))) changes.push(...removed.slice(i, ++i));
    else changes.push(...added.slice(j, ++j));
  }
  return changes;
}
