import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { usePlaybooks, useRuns } from '../../api/queries';
import type { RunStatus } from '../../api/types';
import { Choice } from '../../parts/field';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { RunsTable } from './runs-table';

const statuses: readonly RunStatus[] = ['Running', 'Waiting', 'Paused', 'Completed', 'Failed', 'Cancelled', 'Quarantined', 'Parked'];

/** Every run, newest first. The filter stands in the address, so that it can be kept and sent. */
export function RunsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const filter = { status: search.get('status') ?? undefined, playbook: search.get('playbook') ?? undefined };
  const runs = useRuns(filter);
  const playbooks = usePlaybooks().data ?? [];
  const filtered = filter.status !== undefined || filter.playbook !== undefined;
  const choose = (name: string, value: string) => {
    setSearch(before => {
      const after = new URLSearchParams(before);
      if (value === '') after.delete(name);
      else after.set(name, value);
      return after;
    }, { replace: true });
  };
  return (
    <div className="page">
      <PageHead title={t('runs.title')} actions={<>
        <Choice label={t('runs.status')} value={filter.status ?? ''} onValue={value => { choose('status', value); }} options={[['', t('runs.anyStatus')], ...statuses.map(status => [status, t(`status.${status}`)] as const)]} />
        <Choice label={t('runs.playbook')} value={filter.playbook ?? ''} onValue={value => { choose('playbook', value); }} options={[['', t('runs.anyPlaybook')], ...playbooks.map(playbook => [playbook.name, playbook.name] as const)]} />
      </>} />
      <Loaded query={runs}>{data => {
        const rows = data.pages.flatMap(page => page.runs);
        if (rows.length === 0 && filtered) return <Empty title={t('runs.emptyFilter')} action={<Link className="button" to="/runs">{t('runs.clear')}</Link>} />;
        if (rows.length === 0) return <Empty title={t('runs.emptyTitle')} text={t('runs.emptyText')} action={<Link className="button" to="/playbooks">{t('runs.emptyAction')}</Link>} />;
        return <><RunsTable runs={rows} />{runs.hasNextPage && <button type="button" className="button more" disabled={runs.isFetchingNextPage} onClick={() => { void runs.fetchNextPage(); }}>{t('app.more')}</button>}</>;
      }}</Loaded>
    </div>
  );
}
