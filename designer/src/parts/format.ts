import { useTranslation } from 'react-i18next';
import * as macedonian from './macedonian';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** "in 5 minutes", "2 hours ago": the largest unit that fits. */
export function relative(language: string, at: number, now: number): string {
  const intl = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const format = macedonian.isUnknown(language) ? { format: macedonian.distance } : intl;
  const difference = at - now;
  const distance = Math.abs(difference);
  if (distance < minute) return format.format(Math.round(difference / second), 'second');
  if (distance < hour) return format.format(Math.round(difference / minute), 'minute');
  if (distance < day) return format.format(Math.round(difference / hour), 'hour');
  return format.format(Math.round(difference / day), 'day');
}

/** A length of time in the two largest units that matter: "1 h 5 min". */
export function length(language: string, milliseconds: number): string {
  const digits = milliseconds < 10 * second ? 1 : 0;
  const own = macedonian.isUnknown(language);
  const unit = (value: number, name: 'millisecond' | 'second') => own ? macedonian.amount(Number(value.toFixed(digits)), name) : new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);
  if (milliseconds < second) return unit(Math.round(milliseconds), 'millisecond');
  if (milliseconds < minute) return unit(milliseconds / second, 'second');
  const parts: string[] = [];
  for (const [size, name] of [[day, 'day'], [hour, 'hour'], [minute, 'minute'], [second, 'second']] as const) {
    const value = Math.floor(milliseconds / size);
    milliseconds -= value * size;
    if (value > 0) parts.push(own ? macedonian.amount(value, name) : new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value));
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** JSON has a .NET duration as "1.02:03:04.5"; undefined for what is none. */
export function durationOfText(text: string): number | undefined {
  const match = /^(-?)(?:(\d+)\.)?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, days, hours, minutes, seconds, fraction] = match;
  const total = Number(days ?? 0) * day + Number(hours) * hour + Number(minutes) * minute + Number(seconds) * second + Number(`0.${fraction ?? 0}`) * second;
  return sign ? -total : total;
}

export function useFormat() {
  const { i18n } = useTranslation();
  const language = i18n.language;
  const own = macedonian.isUnknown(language);
  return {
    dateTime: (at: string) => own ? macedonian.dateTime(new Date(at)) : new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }).format(new Date(at)),
    clock: (at: string) => own ? macedonian.clock(new Date(at)) : new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(at)),
    minutes: (at: string) => own ? macedonian.clock(new Date(at)).slice(0, 5) : new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at)),
    date: (at: string) => own ? macedonian.date(new Date(at)) : new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(at)),
    /** A day of the week with its date, short. */
    day: (at: string) => own ? macedonian.day(new Date(at)) : new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(at)),
    relative: (at: string, now: number) => relative(language, Date.parse(at), now),
    length: (milliseconds: number) => length(language, milliseconds),
    bytes: (size: number) => new Intl.NumberFormat(language, { style: 'unit', unit: size < 10_000 ? 'byte' : 'kilobyte', unitDisplay: 'short', maximumFractionDigits: 0 }).format(size < 10_000 ? size : size / 1000),
  };
}
