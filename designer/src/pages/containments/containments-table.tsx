import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useIdentity } from '../../api/queries';
import type { Containment, ContainmentStatus } from '../../api/types';
import { ContainmentPill } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { LiftDialog } from './lift-dialog';

const liftable: ReadonlySet<ContainmentStatus> = new Set(['Active', 'LiftFailed', 'Unknown', 'Pending']);

export function ContainmentsTable({ containments }: { readonly containments: readonly Containment[] }) {
  const { t } = useTranslation();
  const [lifting, setLifting] = useState<Containment>();
  const mayLift = useIdentity().data?.permissions.includes('LiftContainments') ?? false;
  return (
    <div className="table-holder" tabIndex={0} role="region" aria-label={t('containments.title')}>
      <table className="table">
        <thead>
          <tr><th>{t('containments.target')}</th><th>{t('containments.action')}</th><th>{t('containments.on')}</th><th>{t('containments.status')}</th><th>{t('containments.since')}</th><th>{t('containments.until')}</th><th>{t('containments.holders')}</th><th><span className="hidden">{t('containments.lift')}</span></th></tr>
        </thead>
        <tbody>
          {containments.map(row => (
            <tr key={row.id}>
              <td className="mono"><Foreign text={row.target} max={80} /></td>
              <td><code>{row.action}</code></td>
              <td>{row.instance}</td>
              <td><ContainmentPill status={row.status} />{row.note !== undefined && <div className="soft small"><Foreign text={row.note} max={200} /></div>}</td>
              <td><Ago at={row.since} /></td>
              <td>{row.until === undefined ? t('containments.untilLifted') : <Ago at={row.until} />}</td>
              <td>{row.holders.map(holder => <div key={`${holder.run}-${holder.ordinal}`}><Link to={`/runs/${holder.run}`} className={holder.releasedAt === undefined ? '' : 'over'}><code>{holder.run.slice(-8)}</code></Link>{holder.releasedBy !== undefined && <span className="soft"> {holder.releasedBy}</span>}</div>)}</td>
              <td className="end">{mayLift && liftable.has(row.status) && <button type="button" className="button small" onClick={() => { setLifting(row); }}>{t('containments.lift')}</button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lifting && <LiftDialog containment={lifting} onClose={() => { setLifting(undefined); }} />}
    </div>
  );
}
