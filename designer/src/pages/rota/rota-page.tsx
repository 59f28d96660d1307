import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { get, path } from '../../api/client';
import { useDuty, type Duty } from '../../api/people';
import { slowly, useIdentity } from '../../api/queries';
import { daysLater, mondayOf } from '../../model/week';
import { useFormat } from '../../parts/format';
import { Empty, Loaded, PageHead, Section } from '../../parts/page';
import { Ago, useNow } from '../../parts/time';

interface Shift {
  readonly role: string;
  readonly from: string;
  readonly until: string;
  readonly who: readonly string[];
  readonly by: Duty['by'];
}

const useShifts = (from: Date, until: Date) => useQuery({
  queryKey: ['rota', from.toISOString(), until.toISOString()],
  queryFn: async ({ signal }) => (await get<{ shifts: readonly Shift[] }>(path('/api/rota/shifts', { from: from.toISOString(), until: until.toISOString() }), signal)).shifts,
  refetchInterval: slowly,
});

/** Who holds which role now, and who will this week and the next. It is set in soar.yaml and read here. */
export function RotaPage() {
  const { t } = useTranslation();
  const monday = mondayOf(new Date(useNow()), 0);
  const shifts = useShifts(monday, daysLater(monday, 14));
  return (
    <div className="page">
      <PageHead title={t('rota.title')} />
      <Loaded query={useDuty()}>{duties => duties.length === 0 ? <Empty title={t('rota.emptyTitle')} text={t('rota.emptyText')} /> : (
        <>
          <ul className="figures">{duties.map(duty => <li key={duty.role}><div className="soft small">{duty.role}</div><strong>{duty.who.length === 0 ? t('case.nobody') : duty.who.join(', ')}</strong><div className="soft small">{t(`rota.by.${duty.by}`)}{duty.until !== undefined && <> · {t('rota.until')} <Ago at={duty.until} /></>}</div></li>)}</ul>
          <Loaded query={shifts}>{all => <>{[0, 7].map(first => <Section key={first} title={t(first === 0 ? 'schedules.thisWeek' : 'rota.nextWeek')}><Week first={daysLater(monday, first)} roles={duties.map(duty => duty.role)} shifts={all} /></Section>)}</>}</Loaded>
          <p className="soft">{t('rota.where')}</p>
        </>
      )}</Loaded>
    </div>
  );
}

function Week({ first, roles, shifts }: { readonly first: Date; readonly roles: readonly string[]; readonly shifts: readonly Shift[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const me = useIdentity().data?.name;
  const days = Array.from({ length: 7 }, (_, i) => [daysLater(first, i).getTime(), daysLater(first, i + 1).getTime()] as const);
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={format.date(first.toISOString())}>
      <table className="table rota">
        <thead><tr><th>{t('rota.role')}</th>{days.map(([from, until]) => <th key={from} className={from <= now && now < until ? 'today' : ''}>{format.day(new Date(from).toISOString())}</th>)}</tr></thead>
        <tbody>
          {roles.map(role => (
            <tr key={role}>
              <th scope="row">{role}</th>
              {days.map(([from, until]) => (
                <td key={from} className={from <= now && now < until ? 'today' : ''}>
                  {shifts.filter(shift => shift.role === role && Date.parse(shift.from) < until && Date.parse(shift.until) > from).map(shift => (
                    <div key={shift.from} className={`shift ${shift.by}${me !== undefined && shift.who.includes(me) ? ' mine' : ''}`} title={t(`rota.by.${shift.by}`)}>
                      <span className="soft tabular">{format.minutes(new Date(Math.max(from, Date.parse(shift.from))).toISOString())}–{Date.parse(shift.until) >= until ? '24:00' : format.minutes(shift.until)}</span> {shift.by === 'roles' ? t('rota.everybody') : shift.who.join(', ')}{shift.by === 'override' && <span className="badge">{t('rota.instead')}</span>}
                    </div>
                  ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
