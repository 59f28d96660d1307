import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { CaseView } from '../../api/cases';
import { usePlaybooks, useStartRun } from '../../api/queries';
import { Dialog } from '../../parts/dialog';
import { Field } from '../../parts/field';
import { PlaybookInputs, inputsOf, type Typed } from '../../parts/playbook-inputs';
import { Problem } from '../../parts/problem';
import { visible } from '../../parts/value';

/** Starts a playbook whose run belongs to the case: what it finds lies there. The alert that it is given fills in what the playbook takes from one. */
export function RunOnCase({ view, onClose }: { readonly view: CaseView; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartRun();
  const playbooks = (usePlaybooks().data ?? []).filter(each => each.header !== undefined && each.errors === 0);
  const [name, setName] = useState('');
  const [alertId, setAlertId] = useState(view.alerts[0]?.id ?? '');
  const [typed, setTyped] = useState<Typed>({});
  const [dry, setDry] = useState(true);
  const header = playbooks.find(each => each.name === name)?.header;
  const alert = view.alerts.find(each => each.id === alertId)?.alert;
  const send = () => {
    if (header) start.send({ playbook: name, inputs: inputsOf(header.inputs, typed), mode: dry ? 'DryRun' : 'Live', case: view.case.id, ...(alert === undefined ? {} : { alert }) }, ({ id }) => { void navigate(`/runs/${id}`); });
  };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('case.runTitle', { number: view.case.number })} text={header?.summary ?? t('case.runText')}>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {start.error && <Problem error={start.error} />}
        <Field label={t('runs.playbook')}>{id => (
          <select id={id} className="input" value={name} required autoFocus onChange={event => { setName(event.target.value); setTyped({}); }}>
            <option value="">{t('case.choosePlaybook')}</option>
            {playbooks.map(each => <option key={each.name} value={each.name}>{each.name} {each.header?.version}</option>)}
          </select>
        )}</Field>
        {view.alerts.length > 0 && <Field label={t('run.alert')}>{id => (
          <select id={id} className="input" value={alertId} onChange={event => { setAlertId(event.target.value); }}>
            <option value="">{t('try.noAlert')}</option>
            {view.alerts.map(each => <option key={each.id} value={each.id}>{each.number} {visible(each.alert.title).slice(0, 80)}</option>)}
          </select>
        )}</Field>}
        {header && <PlaybookInputs key={name} inputs={header.inputs} typed={typed} brought={alert !== undefined} onTyped={setTyped} />}
        <fieldset className="modes">
          <legend>{t('playbook.mode')}</legend>
          <label className="check"><input type="radio" name="mode" checked={dry} onChange={() => { setDry(true); }} /><span><strong>{t('playbook.dryRun')}</strong><br /><span className="soft">{t('playbook.dryRunHelp')}</span></span></label>
          <label className="check"><input type="radio" name="mode" checked={!dry} onChange={() => { setDry(false); }} /><span><strong>{t('playbook.live')}</strong><br /><span className="soft">{t('playbook.liveHelp')}</span></span></label>
        </fieldset>
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.cancel')}</button>
          <button className="button primary" disabled={start.isPending || header === undefined}>{dry ? t('playbook.startDry') : t('playbook.start')}</button>
        </div>
      </form>
    </Dialog>
  );
}
