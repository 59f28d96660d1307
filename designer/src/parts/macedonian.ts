/** Chromium brings no Macedonian: its dates would read "2026 M11 30" and its times "-2 min". Where a browser knows the language, its own words are used. */
export const isUnknown = (language: string): boolean => language === 'mk' && Intl.DateTimeFormat.supportedLocalesOf(language).length === 0;

type Unit = 'millisecond' | 'second' | 'minute' | 'hour' | 'day';

const short: Record<Unit, string> = { millisecond: 'мс', second: 'сек.', minute: 'мин.', hour: 'ч.', day: '' };

/** "2 мин.", "1 ден", "3 дена"; numbers with a comma. */
export function amount(value: number, unit: Unit): string {
  const number = String(value).replace('.', ',');
  return `${number} ${unit === 'day' ? (value % 10 === 1 && value % 100 !== 11 ? 'ден' : 'дена') : short[unit]}`;
}

export function distance(value: number, unit: Unit): string {
  if (value === 0) return unit === 'day' ? 'денес' : 'сега';
  if (unit === 'day' && Math.abs(value) === 1) return value < 0 ? 'вчера' : 'утре';
  return `${value < 0 ? 'пред' : 'за'} ${amount(Math.abs(value), unit)}`;
}

const two = (value: number) => String(value).padStart(2, '0');

export const clock = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

export const date = (at: Date): string => `${String(at.getDate())}.${String(at.getMonth() + 1)}.${String(at.getFullYear())}`;

const weekdays = ['нед.', 'пон.', 'вто.', 'сре.', 'чет.', 'пет.', 'саб.'] as const;

export const day = (at: Date): string => `${weekdays[at.getDay()] ?? ''} ${String(at.getDate())}.${String(at.getMonth() + 1)}`;

export const dateTime = (at: Date): string => `${date(at)}, ${clock(at)}`;
