import { expect, it } from 'vitest';
import { amount, clock, date, dateTime, day, distance } from './macedonian';

it('Lengths and distances in time are said in Macedonian', () => {
  expect([amount(2, 'minute'), amount(1, 'day'), amount(21, 'day'), amount(11, 'day'), amount(1.5, 'second')]).toEqual(['2 мин.', '1 ден', '21 ден', '11 дена', '1,5 сек.']);
  expect([distance(-2, 'minute'), distance(59, 'minute'), distance(-1, 'day'), distance(0, 'second'), distance(3, 'day')]).toEqual(['пред 2 мин.', 'за 59 мин.', 'вчера', 'сега', 'за 3 дена']);
});

it('A moment is told as people write it', () => {
  const at = new Date(2026, 10, 3, 7, 5, 9);
  expect([dateTime(at), clock(at), date(at), day(at)]).toEqual(['3.11.2026, 07:05:09', '07:05:09', '3.11.2026', 'вто. 3.11']);
});
