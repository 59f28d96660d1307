import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useControlRun, useIdentity } from '../../api/queries';
import type { RunRow, RunStatus } from '../../api/types';
import { Dialog } from '../../parts/dialog';
import { TextArea } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';

type Change = 'cancel' | 'pause' | 'resume';

const possible: Record<RunStatus, readonly Change[]> = {
  Running: ['pause', 'cancel'], Waiting: ['pause', 'cancel'], Paused: ['resume', 'cancel'], Quarantined: ['resume', 'cancel'], Parked: ['resume', 'cancel'], Failed: ['resume'], Completed: [], Cancelled: [],
};

/** What can be done to a run as it stands; each asks first and takes a reason for the record. */
export function RunActions({ run }: { readonly run: RunRow }) {
  const { t } = useTranslation();
  const identity = useIdentity().data;
  const [change, setChange] = useState<Change>();
  const [reason, setReason] = useState('');
  const control = useControlRun(run.id);
  if (!identity?.permissions.includes('ControlRuns')) return null;
  const texts = {
    cancel: [t('run.cancel'), t('run.cancelTitle'), t('run.cancelText')],
    pause: [t('run.pause'), t('run.pauseTitle'), t('run.pauseText')],
    resume: [run.status === 'Failed' ? t('run.retry') : t('run.resume'), t('run.resumeTitle'), t('run.resumeText')],
  } as const;
  const send = (what: Change) => {
    control.send({ what, reason }, ({ changed }) => {
      notify(changed ? t('run.changed') : t('run.unchanged'));
      setChange(undefined);
      setReason('');
    });
  };
  return (
    <>
      {possible[run.status].map(what => (
        <button key={what} type="button" className="button" onClick={() => { control.reset(); setChange(what); }}>
          <Icon name={what === 'cancel' ? 'stop' : what === 'pause' ? 'pause' : run.status === 'Failed' ? 'retry' : 'play'} size={14} />{texts[what][0]}
        </button>
      ))}
      {change !== undefined && (
        <Dialog open onOpenChange={open => { if (!open) setChange(undefined); }} title={texts[change][1]} text={texts[change][2]}>
          <form onSubmit={event => { event.preventDefault(); send(change); }}>
            {control.error && <Problem error={control.error} />}
            <TextArea label={`${t('run.reason')} (${t('app.optional')})`} value={reason} onValue={setReason} autoFocus maxLength={2000} />
            <div className="row end">
              <button type="button" className="button" onClick={() => { setChange(undefined); }}>{t('app.back')}</button>
              <button className={`button ${change === 'cancel' ? 'bad' : 'primary'}`} disabled={control.isPending}>{texts[change][0]}</button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
