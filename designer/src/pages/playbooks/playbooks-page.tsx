import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePlaybooks } from '../../api/queries';
import type { PlaybookRow, TriggerHeader } from '../../api/types';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Pill, TlpBadge } from '../../parts/pill';

/** Everything that can be run, from its header. */
export function PlaybooksPage() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const wanted = text.trim().toLocaleLowerCase();
  const fits = (row: PlaybookRow) => wanted === '' || `${row.file} ${row.header?.summary ?? ''} ${row.header?.type ?? ''}`.toLocaleLowerCase().includes(wanted);
  return (
    <div className="page">
      <PageHead title={t('playbooks.title')} actions={<input type="search" className="input" aria-label={t('playbooks.search')} placeholder={t('playbooks.search')} value={text} onChange={event => { setText(event.target.value); }} />} />
      <Loaded query={usePlaybooks()}>{rows => {
        const shown = rows.filter(fits);
        if (rows.length === 0) return <Empty title={t('playbooks.emptyTitle')} text={t('playbooks.emptyText')} />;
        if (shown.length === 0) return <Empty title={t('playbooks.noMatch', { text: text.trim() })} />;
        return <ul className="cards">{shown.map(row => <li key={row.file}><PlaybookCard row={row} /></li>)}</ul>;
      }}</Loaded>
    </div>
  );
}

function PlaybookCard({ row }: { readonly row: PlaybookRow }) {
  const { t } = useTranslation();
  const folder = row.file.split('/').slice(0, -1).join('/');
  return (
    <Link to={`/playbooks/${encodeURIComponent(row.name)}`} className="playbook-card">
      <span className="soft small">{folder}</span>
      <strong>{row.name} <span className="soft">{row.header?.version}</span></strong>
      <span className="summary">{row.header?.summary ?? t('playbooks.unreadable')}</span>
      <span className="row">
        {row.header && <><span className="badge">{row.header.type}</span><TlpBadge tlp={row.header.tlp} /><Starts triggers={row.header.triggers} /></>}
        <Check errors={row.errors} warnings={row.warnings} />
      </span>
    </Link>
  );
}

export function Starts({ triggers }: { readonly triggers: readonly Pick<TriggerHeader, 'kind'>[] }) {
  const { t } = useTranslation();
  const words = { alert: t('playbooks.onAlert'), case: t('playbooks.onCase'), schedule: t('playbooks.onSchedule'), webhook: t('playbooks.onWebhook') };
  const kinds = [...new Set(triggers.map(trigger => trigger.kind))];
  return <span className="soft">{kinds.length === 0 ? t('playbooks.manual') : kinds.map(kind => words[kind]).join(', ')}</span>;
}

export function Check({ errors, warnings }: { readonly errors: number; readonly warnings: number }) {
  const { t } = useTranslation();
  if (errors > 0) return <Pill tone="bad" icon="cross">{t('playbooks.errors', { count: errors })}</Pill>;
  if (warnings > 0) return <Pill tone="warn" icon="alerts">{t('playbooks.warnings', { count: warnings })}</Pill>;
  return null;
}
