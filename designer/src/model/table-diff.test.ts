import { expect, it } from 'vitest';
import { rowChanges } from './table-diff';

const said = (before: string[], after: string[]) => rowChanges(before.map(cell => [cell]), after.map(cell => [cell])).map(row => `${{ Same: ' ', Removed: '-', Added: '+' }[row.change]}${row.cells.join()}`);

it('Rows that both have stay, what only one has was removed or added', () => {
  expect(said(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual([' a', ' b', ' c']);
  expect(said(['a', 'b', 'c'], ['a', 'x', 'c'])).toEqual([' a', '-b', '+x', ' c']);
  expect(said(['a', 'b', 'c'], ['b', 'c', 'd'])).toEqual(['-a', ' b', ' c', '+d']);
  expect(said([], ['a'])).toEqual(['+a']);
  expect(said(['a'], [])).toEqual(['-a']);
  expect(said(['a', 'a'], ['a'])).toEqual([' a', '-a']);
});

it('A change in one row of many is one row', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `row ${i}`);
  expect(said(rows, rows.map(row => row === 'row 777' ? 'other' : row)).filter(row => !row.startsWith(' '))).toEqual(['-row 777', '+other']);
});
