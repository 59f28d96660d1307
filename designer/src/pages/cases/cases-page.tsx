import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { caseStatuses, useCaseMetrics, useCases, type CaseFile, type CaseMetrics, type CaseTimes } from '../../api/cases';
import { useIdentity } from '../../api/queries';
import { Choice } from '../../parts/field';
import { durationOfText, useFormat } from '../../parts/format';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Severity, TlpBadge } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { CaseBadges, CasePill } from './case-pill';

/** Cases, newest first. What is filtered stands in the address, so that it can be kept and sent. */
export function CasesPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const [typed, setTyped] = useState(search.get('text') ?? '');
  const me = useIdentity().data?.name ?? '';
  const filter = { status: search.get('status') ?? undefined, owner: search.get('owner') ?? undefined, declared: search.get('declared') ?? undefined, text: search.get('text') ?? undefined };
  const cases = useCases(filter);
  const filtered = Object.values(filter).some(value => value !== undefined);
  const choose = (name: string, value: string) => {
    setSearch(before => {
      const after = new URLSearchParams(before);
      if (value === '') after.delete(name);
      else after.set(name, value);
      return after;
    }, { replace: true });
  };
  const owners = [...new Set([me, filter.owner ?? ''])].filter(name => name !== '');
  return (
    <div className="page">
      <PageHead title={t('cases.title')} actions={<>
        <form role="search" onSubmit={event => { event.preventDefault(); choose('text', typed.trim()); }}><input type="search" className="input" aria-label={t('cases.search')} placeholder={t('cases.search')} value={typed} onChange={event => { setTyped(event.target.value); }} /></form>
        <Choice label={t('case.status')} value={filter.status ?? ''} onValue={value => { choose('status', value); }} options={[['', t('runs.anyStatus')], ...caseStatuses.map(status => [status, t(`caseStatus.${status}`)] as const)]} />
        <Choice label={t('case.owner')} value={filter.owner ?? ''} onValue={value => { choose('owner', value); }} options={[['', t('cases.anyOwner')], ...owners.map(name => [name, name === me ? t('cases.mine') : name] as const)]} />
        <Choice label={t('case.incident')} value={filter.declared ?? ''} onValue={value => { choose('declared', value); }} options={[['', t('cases.anyCase')], ['true', t('cases.incidents')], ['false', t('cases.noIncidents')]]} />
      </>} />
      <Metrics />
      <Loaded query={cases}>{data => {
        const rows = data.pages.flatMap(page => page.cases);
        if (rows.length === 0 && filtered) return <Empty title={t('cases.emptyFilter')} action={<Link className="button" to="/cases" onClick={() => { setTyped(''); }}>{t('runs.clear')}</Link>} />;
        if (rows.length === 0) return <Empty title={t('cases.emptyTitle')} text={t('cases.emptyText')} />;
        return <><CasesTable rows={rows} />{cases.hasNextPage && <button type="button" className="button more" disabled={cases.isFetchingNextPage} onClick={() => { void cases.fetchNextPage(); }}>{t('app.more')}</button>}</>;
      }}</Loaded>
    </div>
  );
}

function CasesTable({ rows }: { readonly rows: readonly CaseFile[] }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('cases.title')}>
      <table className="table">
        <thead><tr><th className="number">{t('audit.number')}</th><th>{t('case.status')}</th><th>{t('case.priority')}</th><th>{t('cases.severity')}</th><th>{t('cases.case')}</th><th>{t('case.owner')}</th><th>{t('cases.tlp')}</th><th>{t('cases.opened')}</th><th className="number">{t('alerts.title')}</th></tr></thead>
        <tbody>
          {rows.map(one => (
            <tr key={one.id}>
              <td className="number">{one.number}</td>
              <td><CasePill file={one} /></td>
              <td>{one.priority === undefined ? <span className="soft">–</span> : `P${one.priority}`}</td>
              <td><Severity value={one.severity} /></td>
              <td className="fill"><Link className="row-link" to={`/cases/${one.number}`}><Foreign text={one.title} max={160} /></Link> <CaseBadges file={one} /></td>
              <td>{one.owner ?? <span className="soft">{t('case.nobody')}</span>}</td>
              <td><TlpBadge tlp={one.tlp} /></td>
              <td><Ago at={one.openedAt} /></td>
              <td className="number">{one.alerts}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How the last thirty days went; nothing where there was nothing. */
function Metrics() {
  const { t } = useTranslation();
  const metrics = useCaseMetrics().data;
  if (metrics === undefined || metrics.opened === 0) return null;
  return <section aria-label={t('cases.metrics')}><dl className="figures">{figuresOf(metrics).map(([name, value]) => <div key={name}><dt>{t(`cases.${name}`)}</dt><dd>{typeof value === 'number' ? value : <Times times={value} />}</dd></div>)}</dl></section>;
}

const figuresOf = (metrics: CaseMetrics) => [['openedLately', metrics.opened], ['declaredLately', metrics.declared], ['acknowledge', metrics.acknowledge], ['contain', metrics.contain], ['close', metrics.close]] as const;

function Times({ times }: { readonly times: CaseTimes }) {
  const { t } = useTranslation();
  const format = useFormat();
  const length = (text: string) => format.length(durationOfText(text) ?? 0);
  if (times.median === undefined || times.p90 === undefined) return <span className="soft">–</span>;
  return <>{length(times.median)} <span className="soft small">{t('cases.nineOfTen', { time: length(times.p90) })}</span></>;
}
