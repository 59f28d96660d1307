import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCalendar, type Calendar } from '../../api/schedules';
import { dayIndex, daysLater, mondayOf } from '../../model/week';
import { useFormat } from '../../parts/format';
import { Icon, type IconName } from '../../parts/icon';
import { Loaded } from '../../parts/page';
import { useNow } from '../../parts/time';
import { firingLooks } from './firing-pill';

interface Entry {
  readonly key: string;
  readonly at: string;
  readonly look: string;
  readonly icon: IconName;
  readonly what: ReactNode;
  /** In words, for whoever points at it or hears it. */
  readonly says: string;
}

/** A week: what is due, what became of what was due, what was missed. */
export function WeekCalendar({ week, onWeek }: { readonly week: number; readonly onWeek: (week: number) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const monday = mondayOf(new Date(now), week);
  const sunday = daysLater(monday, 7);
  const today = dayIndex(new Date(now).toISOString(), monday, 7);
  return (
    <section className="section" aria-label={t('schedules.week')}>
      <div className="row">
        <h2>{t('schedules.weekOf', { from: format.date(monday.toISOString()), until: format.date(daysLater(monday, 6).toISOString()) })}</h2>
        <button type="button" className="button small" onClick={() => { onWeek(week - 1); }}>{t('schedules.before')}</button>
        <button type="button" className="button small" disabled={week === 0} onClick={() => { onWeek(0); }}>{t('schedules.thisWeek')}</button>
        <button type="button" className="button small" onClick={() => { onWeek(week + 1); }}>{t('schedules.after')}</button>
      </div>
      <Loaded query={useCalendar(monday, sunday)}>{calendar => <>{!calendar.whole && <p className="soft">{t('schedules.notWhole')}</p>}<Days calendar={calendar} monday={monday} today={today} /></>}</Loaded>
    </section>
  );
}

function Days({ calendar, monday, today }: { readonly calendar: Calendar; readonly monday: Date; readonly today: number | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const entries = useEntries(calendar);
  const days = useMemo(() => Array.from({ length: 7 }, (_, i) => entries.filter(entry => dayIndex(entry.at, monday, 7) === i)), [entries, monday.getTime()]);
  return (
    <ol className="week">
      {days.map((list, i) => (
        <li key={i} className={i === today ? 'today' : ''} aria-current={i === today ? 'date' : undefined}>
          <h3>{format.day(daysLater(monday, i).toISOString())}</h3>
          {list.length === 0 && <p className="soft small">{t('schedules.nothing')}</p>}
          <ul>{list.slice(0, 40).map(entry => <li key={entry.key} className={entry.look} title={entry.says}><time dateTime={entry.at}>{format.minutes(entry.at)}</time> <Icon name={entry.icon} size={11} /><span className="hidden">{entry.says}</span> {entry.what}</li>)}</ul>
          {list.length > 40 && <p className="soft small">+{list.length - 40}</p>}
        </li>
      ))}
    </ol>
  );
}

function useEntries(calendar: Calendar): readonly Entry[] {
  const { t } = useTranslation();
  return useMemo(() => [
    ...calendar.firings.map((firing): Entry => ({
      key: `f${firing.number}`, at: firing.due, look: firingLooks[firing.state][0], icon: firingLooks[firing.state][1], says: [t(`schedules.state.${firing.state}`), firing.reason].filter(part => part !== undefined).join(': '),
      what: firing.run === undefined ? firing.schedule : <Link to={`/runs/${firing.run}`}>{firing.schedule}</Link>,
    })),
    ...calendar.misses.map((miss): Entry => ({ key: `m${miss.schedule}${miss.first}`, at: miss.first, look: 'bad', icon: 'alerts', says: `${t('schedules.wasMissed', { count: miss.times })} ${t(`schedules.policy.${miss.policy}`)}`, what: miss.schedule })),
    ...calendar.planned.map((planned): Entry => ({
      key: `p${planned.schedule}${planned.due}`, at: planned.due, look: planned.maintenance === undefined ? 'busy' : 'plain', icon: planned.maintenance === undefined ? 'clock' : 'minus',
      says: planned.maintenance === undefined ? t('schedules.planned') : t('schedules.inWindow', { window: planned.maintenance }), what: planned.schedule,
    })),
  ].sort((one, other) => Date.parse(one.at) - Date.parse(other.at)), [calendar, t]);
}
