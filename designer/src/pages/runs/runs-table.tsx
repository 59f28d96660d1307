import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RunRow } from '../../api/types';
import { ModeBadge, Result, RunPill } from '../../parts/pill';
import { Ago, Elapsed } from '../../parts/time';
import { useWaits } from './waits';

/** Runs, one a line. `bare` leaves out what the page says already. */
export function RunsTable({ runs, bare = false }: { readonly runs: readonly RunRow[]; readonly bare?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('runs.title')}>
      <table className="table">
        <thead>
          <tr>
            <th>{t('runs.status')}</th><th>{bare ? t('runs.run') : t('runs.playbook')}</th><th>{t('runs.started')}</th><th className="number">{t('runs.duration')}</th><th>{t('runs.by')}</th><th>{t('runs.result')}</th>
          </tr>
        </thead>
        <tbody>{runs.map(run => <RunLine key={run.id} run={run} bare={bare} />)}</tbody>
      </table>
    </div>
  );
}

function RunLine({ run, bare }: { readonly run: RunRow; readonly bare: boolean }) {
  const waits = useWaits(run);
  return (
    <tr>
      <td><RunPill status={run.status} /></td>
      <td><Link to={`/runs/${run.id}`} className="row-link">{bare ? <code>{run.id.slice(-8)}</code> : run.playbook}</Link> {!bare && <span className="soft">{run.version}</span>} <ModeBadge mode={run.mode} /></td>
      <td><Ago at={run.createdAt} /></td>
      <td className="number"><Elapsed from={run.createdAt} to={run.endedAt ?? (run.status === 'Running' || run.status === 'Waiting' || run.status === 'Paused' ? undefined : run.createdAt)} /></td>
      <td>{run.startedBy}</td>
      <td className="fill">{run.result === undefined ? <span className="soft">{waits}</span> : <Result result={run.result} />}</td>
    </tr>
  );
}
