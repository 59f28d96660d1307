/** The Monday 00:00, by the clock on the wall, of the week that lies so many weeks from that of `now`. */
export function mondayOf(now: Date, weeks: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - ((now.getDay() + 6) % 7) + weeks * 7);
}

/** So many days later on the wall; a day on which the clock is changed is a day too. */
export function daysLater(day: Date, days: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);
}

/** On which of the days that begin at `first` this lies; undefined outside of them. */
export function dayIndex(at: string, first: Date, days: number): number | undefined {
  const time = Date.parse(at);
  for (let i = 0; i < days; i++) if (time >= daysLater(first, i).getTime() && time < daysLater(first, i + 1).getTime()) return i;
  return undefined;
}
