import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useSplitCase, type CaseView } from '../../api/cases';
import { Dialog } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';
import { Foreign } from '../../parts/value';

/** Opens a new case for some of this one's alerts and runs. */
export function SplitDialog({ view, onClose }: { readonly view: CaseView; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const split = useSplitCase(view.case.id);
  const [title, setTitle] = useState('');
  const [alerts, setAlerts] = useState<ReadonlySet<number>>(new Set());
  const [runs, setRuns] = useState<ReadonlySet<string>>(new Set());
  const send = () => {
    split.send({ title: title.trim(), alerts: [...alerts], runs: [...runs] }, made => {
      notify(t('case.splitDone', { number: made.number }));
      void navigate(`/cases/${made.number}`);
    });
  };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('case.splitTitle', { number: view.case.number })} text={t('case.splitText')}>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {split.error && <Problem error={split.error} />}
        <TextField label={t('case.splitName')} value={title} onValue={setTitle} required maxLength={300} autoFocus />
        <fieldset className="modes"><legend>{t('alerts.title')}</legend>{view.alerts.length === 0 ? <p className="soft">{t('case.noAlerts')}</p> : view.alerts.map(record => (
          <label key={record.id} className="check"><input type="checkbox" checked={alerts.has(record.number)} onChange={() => { setAlerts(toggled(alerts, record.number)); }} /><span>{record.number} <Foreign text={record.alert.title} max={120} /></span></label>
        ))}</fieldset>
        {view.runs.length > 0 && <fieldset className="modes"><legend>{t('case.runs')}</legend>{view.runs.map(run => (
          <label key={run.id} className="check"><input type="checkbox" checked={runs.has(run.id)} onChange={() => { setRuns(toggled(runs, run.id)); }} /><span>{run.playbook} <code className="soft">{run.id.slice(-8)}</code></span></label>
        ))}</fieldset>}
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.back')}</button>
          <button className="button primary" disabled={split.isPending || title.trim() === '' || alerts.size + runs.size === 0}>{t('case.split')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function toggled<T>(set: ReadonlySet<T>, value: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
