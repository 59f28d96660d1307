import { expect, it } from 'vitest';
import { dayIndex, daysLater, mondayOf } from './week';

it('A week begins on its Monday at midnight, also when asked on a Sunday', () => {
  for (const day of [30, 31, 32, 36]) expect(mondayOf(new Date(2026, 10, day, 13, 5), 0)).toEqual(new Date(2026, 10, 30));
  expect(mondayOf(new Date(2026, 10, 29, 23, 59), 0)).toEqual(new Date(2026, 10, 23));
  expect(mondayOf(new Date(2026, 10, 29), 1)).toEqual(new Date(2026, 10, 30));
});

it('What happens at midnight belongs to the day that begins then, and what lies outside of the week to none', () => {
  const monday = new Date(2026, 10, 30);
  expect(dayIndex(monday.toISOString(), monday, 7)).toBe(0);
  expect(dayIndex(daysLater(monday, 6).toISOString(), monday, 7)).toBe(6);
  expect(dayIndex(daysLater(monday, 7).toISOString(), monday, 7)).toBeUndefined();
  expect(dayIndex(new Date(monday.getTime() - 1).toISOString(), monday, 7)).toBeUndefined();
});
