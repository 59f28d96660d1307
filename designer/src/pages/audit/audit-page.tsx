import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useAudit, useVerifyAudit } from '../../api/queries';
import type { AuditRow } from '../../api/types';
import { Icon } from '../../parts/icon';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { At } from '../../parts/time';
import { Foreign, Value } from '../../parts/value';

/** Who did what, from where; and whether the record is still as it was written. */
export function AuditPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const [typed, setTyped] = useState(search.get('who') ?? '');
  const audit = useAudit(search.get('who') ?? '');
  const verify = useVerifyAudit();
  return (
    <div className="page">
      <PageHead title={t('audit.title')} actions={<>
        <form role="search" onSubmit={event => { event.preventDefault(); setSearch(typed === '' ? {} : { who: typed }, { replace: true }); }}><input type="search" className="input" aria-label={t('audit.whoFilter')} placeholder={t('audit.whoFilter')} value={typed} onChange={event => { setTyped(event.target.value); }} /></form>
        <button type="button" className="button" disabled={verify.isPending} onClick={() => { verify.mutate(); }}><Icon name="containments" size={14} />{verify.isPending ? t('audit.verifying') : t('audit.verify')}</button>
      </>} />
      {verify.error && <Problem error={verify.error} />}
      {verify.data && <p role="status" className={verify.data.problem === undefined ? 'good-note' : 'bad-note'}>{verify.data.problem === undefined ? t('audit.whole', { count: verify.data.records }) : t('audit.broken', { problem: verify.data.problem })}</p>}
      <Loaded query={audit}>{data => {
        const rows = data.pages.flatMap(page => page.records);
        if (rows.length === 0) return <Empty title={t('audit.emptyTitle')} text={t('audit.emptyText')} />;
        return <><AuditTable rows={rows} />{audit.hasNextPage && <button type="button" className="button more" disabled={audit.isFetchingNextPage} onClick={() => { void audit.fetchNextPage(); }}>{t('app.more')}</button>}</>;
      }}</Loaded>
    </div>
  );
}

function AuditTable({ rows }: { readonly rows: readonly AuditRow[] }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('audit.title')}>
      <table className="table">
        <thead><tr><th className="number">{t('audit.number')}</th><th>{t('audit.at')}</th><th>{t('audit.who')}</th><th>{t('audit.origin')}</th><th>{t('audit.what')}</th><th>{t('audit.target')}</th><th>{t('audit.outcome')}</th></tr></thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.number}>
              <td className="number">{row.number}</td><td><At at={row.at} /></td><td><Foreign text={row.who} max={80} /></td><td className="soft"><Foreign text={row.origin} max={80} /></td><td><code>{row.what}</code></td>
              <td className="fill"><details><summary><Foreign text={row.target || '–'} max={120} /></summary><Value value={row.details} /><div className="soft small mono">{t('audit.hash')} {row.hash}</div></details></td>
              <td className={row.outcome === 'done' ? '' : 'bad-text'}><Foreign text={row.outcome} max={160} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
