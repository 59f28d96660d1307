import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useSchedules, type Schedule } from '../../api/schedules';
import { Empty, Loaded, PageHead, Section } from '../../parts/page';
import { Pill } from '../../parts/pill';
import { Ago, At } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { FiringPill } from './firing-pill';
import { WeekCalendar } from './week-calendar';

/** What the clock starts: a week of it at a time, and each schedule as this deployment has it. */
export function SchedulesPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const week = Math.trunc(Number(search.get('week') ?? 0)) || 0;
  return (
    <div className="page">
      <PageHead title={t('schedules.title')} />
      <Loaded query={useSchedules()}>{({ schedules, unknown }) => schedules.length === 0 && unknown.length === 0 ? <Empty title={t('schedules.emptyTitle')} text={t('schedules.emptyText')} /> : (
        <>
          {unknown.length > 0 && <p className="warn-note">{t('schedules.unknown', { names: unknown.join(', ') })}</p>}
          <WeekCalendar week={week} onWeek={next => { setSearch(next === 0 ? {} : { week: String(next) }, { replace: true }); }} />
          <Section title={t('schedules.all')}><Table schedules={schedules} /></Section>
        </>
      )}</Loaded>
    </div>
  );
}

function Table({ schedules }: { readonly schedules: readonly Schedule[] }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('schedules.all')}>
      <table className="table">
        <thead><tr><th>{t('schedules.schedule')}</th><th>{t('schedules.when')}</th><th>{t('schedules.next')}</th><th>{t('schedules.last')}</th><th>{t('schedules.missed')}</th><th>{t('schedules.overlap')}</th></tr></thead>
        <tbody>
          {schedules.map(one => (
            <tr key={one.name}>
              <td><Link className="row-link" to={`/playbooks/${encodeURIComponent(one.playbook)}`}>{one.name}</Link> <span className="soft">{one.version}</span></td>
              <td><code>{one.cron}</code><div className="soft small">{one.zone}{one.calendar !== undefined && ` · ${t('schedules.notOn', { calendar: one.calendar })}`}</div></td>
              <td>{!one.enabled ? <Pill tone="plain" icon="pause">{t('schedules.disabled')}</Pill> : one.problem !== undefined ? <span className="bad-text"><Foreign text={one.problem} max={200} /></span> : one.next[0] === undefined ? <span className="soft">{t('schedules.never')}</span> : <><At at={one.next[0]} /><div className="soft small"><Ago at={one.next[0]} />{one.maintenance !== undefined && ` · ${t('schedules.inWindow', { window: one.maintenance })}`}</div></>}</td>
              <td>{one.last === undefined ? <span className="soft">–</span> : <><FiringPill state={one.last.state} /> {one.last.run === undefined ? <Ago at={one.last.due} /> : <Link to={`/runs/${one.last.run}`}><Ago at={one.last.due} /></Link>}</>}</td>
              <td>{t(`schedules.policy.${one.missed}`)}</td>
              <td>{t(`schedules.overlaps.${one.overlap}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
