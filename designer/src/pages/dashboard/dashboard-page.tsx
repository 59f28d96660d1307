import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useDashboard, type Dashboard } from '../../api/dashboard';
import type { CaseTimes } from '../../api/cases';
import { daysLater } from '../../model/week';
import { Choice } from '../../parts/field';
import { durationOfText, useFormat } from '../../parts/format';
import { Loaded, PageHead, Section } from '../../parts/page';
import { Ago, useNow } from '../../parts/time';
import { DayBars } from './day-bars';

const spans = ['7', '14', '31', '90'] as const;

/** How it goes: what came in, how much went by itself, what failed, what waits, what stands. */
export function DashboardPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const span = spans.find(each => each === search.get('days')) ?? '14';
  const today = daysLater(new Date(useNow()), 0).getTime();
  const from = useMemo(() => daysLater(new Date(today), 1 - Number(span)), [today, span]);
  return (
    <div className="page">
      <PageHead title={t('dashboard.title')} actions={<Choice label={t('dashboard.span')} value={span} onValue={value => { setSearch(value === '14' ? {} : { days: value }, { replace: true }); }} options={spans.map(each => [each, t('dashboard.days', { count: Number(each) })] as const)} />} />
      <Loaded query={useDashboard(from)}>{view => <Figures view={view} />}</Loaded>
    </div>
  );
}

const percent = (part: number, of: number) => of === 0 ? '–' : `${Math.round((part / of) * 100)} %`;

function Figures({ view }: { readonly view: Dashboard }) {
  const { t } = useTranslation();
  const { now, cases } = view;
  const decided = now.alerts.answered + now.alerts.unwanted + now.alerts.failed;
  return (
    <>
      {!now.whole && <p className="warn-note">{t('dashboard.notWhole')}</p>}
      <dl className="figures large">
        <Figure name={t('dashboard.waits')} tone={now.questions.overdue > 0 ? 'bad' : undefined} value={<Link to="/inbox?for=everybody">{now.questions.open}</Link>} more={now.questions.open === 0 ? undefined : <>{t('dashboard.overdue', { count: now.questions.overdue })}{now.questions.oldest !== undefined && <> · {t('dashboard.oldest')} <Ago at={now.questions.oldest} /></>}</>} />
        <Figure name={t('dashboard.openCases')} value={<Link to="/cases">{now.openCases}</Link>} more={t('dashboard.newCases', { count: now.newCases })} />
        <Figure name={t('dashboard.containments')} value={<Link to="/containments">{now.containments}</Link>} />
        <Figure name={t('dashboard.failures')} tone={now.runs.failed > 0 ? 'bad' : undefined} value={<Link to="/runs?status=Failed">{now.runs.failed}</Link>} more={t('dashboard.ofRuns', { count: now.runs.started })} />
        <Figure name={t('dashboard.automation')} value={percent(now.runs.alone, now.runs.completed)} more={t('dashboard.alone', { alone: now.runs.alone, count: now.runs.completed })} />
        <Figure name={t('dashboard.answered')} value={percent(now.alerts.answered, decided)} more={t('dashboard.ofAlerts', { count: decided })} />
      </dl>
      <div className="columns">
        <DayBars title={t('dashboard.alertsByDay')} days={now.days.map(day => ({ from: day.from, values: [day.alerts] }))} series={[{ name: t('alerts.title'), colour: 'var(--step)' }]} />
        <DayBars title={t('dashboard.runsByDay')} days={now.days.map(day => ({ from: day.from, values: [day.runs - day.failed, day.failed] }))} series={[{ name: t('dashboard.notFailed'), colour: 'var(--wait)' }, { name: t('dashboard.failed'), colour: 'var(--bad)' }]} />
      </div>
      <div className="columns">
        <Section title={t('dashboard.times')} aside={t('dashboard.casesOpened', { count: cases.opened })}><Times cases={cases} /></Section>
        <div>
          <Section title={t('dashboard.failing')}>{now.failing.length === 0 ? <p className="soft">{t('dashboard.nothingFails')}</p>
            : <ul className="plain-list">{now.failing.map(each => <li key={each.playbook}><Link to={`/runs?playbook=${encodeURIComponent(each.playbook)}&status=Failed`}>{each.playbook}</Link> <span className="soft">{t('dashboard.failedOf', { failed: each.failed, count: each.started })}</span></li>)}</ul>}</Section>
          <Section title={t('dashboard.became')}><ul className="plain-list">{(['answered', 'unwanted', 'failed', 'waiting', 'repeats', 'suppressed'] as const).map(each => <li key={each}><span className="tabular">{now.alerts[each]}</span> <span className="soft">{t(`dashboard.state.${each}`)}</span></li>)}</ul></Section>
        </div>
      </div>
    </>
  );
}

function Figure({ name, value, more, tone }: { readonly name: string; readonly value: ReactNode; readonly more?: ReactNode; readonly tone?: 'bad' | undefined }) {
  return <div className={tone}><dt>{name}</dt><dd>{value}{more !== undefined && <div className="soft small">{more}</div>}</dd></div>;
}

function Times({ cases }: { readonly cases: Dashboard['cases'] }) {
  const { t } = useTranslation();
  return (
    <table className="table">
      <thead><tr><th>{t('dashboard.until')}</th><th>{t('dashboard.median')}</th><th>{t('dashboard.p90')}</th><th className="number">{t('cases.title')}</th></tr></thead>
      <tbody>{(['acknowledge', 'contain', 'close'] as const).map(each => <tr key={each}><th scope="row">{t(`cases.${each}`)}</th><Time times={cases[each]} which="median" /><Time times={cases[each]} which="p90" /><td className="number">{cases[each].cases}</td></tr>)}</tbody>
    </table>
  );
}

function Time({ times, which }: { readonly times: CaseTimes; readonly which: 'median' | 'p90' }) {
  const format = useFormat();
  const text = times[which];
  return <td className="tabular">{text === undefined ? <span className="soft">–</span> : format.length(durationOfText(text) ?? 0)}</td>;
}
