import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { caseStatuses, useChangeCase, type CaseEdit, type CaseFile, type CaseStatus } from '../../api/cases';
import { useIdentity, useMay } from '../../api/queries';
import { Choice } from '../../parts/field';
import { useFormat } from '../../parts/format';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';
import { CloseDialog } from './close-dialog';

const priorities = ['0', '1', '2', '3', '4', '5'] as const;

/** Where the case stands and whose it is, changed in place; and how long things took. */
export function CaseDesk({ file }: { readonly file: CaseFile }) {
  const { t } = useTranslation();
  const may = useMay('WorkCases') && file.mergedInto === undefined;
  const me = useIdentity().data?.name ?? '';
  const change = useChangeCase(file.id);
  const [closing, setClosing] = useState(false);
  const send = (edit: CaseEdit) => { change.send(edit, () => { notify(t('run.changed')); }); };
  const status = (next: CaseStatus) => { if (next === 'Closed') setClosing(true); else send({ status: next }); };
  return (
    <div className="desk">
      {change.error && <Problem error={change.error} />}
      <dl className="fact-list">
        <div><dt>{t('case.status')}</dt><dd>{may ? <Choice label={t('case.status')} value={file.status} onValue={status} options={caseStatuses.map(each => [each, t(`caseStatus.${each}`)] as const)} /> : t(`caseStatus.${file.status}`)}</dd></div>
        <div><dt>{t('case.owner')}</dt><dd className="row">{file.owner ?? <span className="soft">{t('case.nobody')}</span>}
          {may && file.owner !== me && <button type="button" className="button small" disabled={change.isPending} onClick={() => { send({ owner: me }); }}>{t('case.take')}</button>}
          {may && file.owner === me && <button type="button" className="button small" disabled={change.isPending} onClick={() => { send({ owner: '' }); }}>{t('case.putBack')}</button>}
          {may && <GiveTo onGive={owner => { send({ owner }); }} />}</dd></div>
        <div><dt>{t('case.priority')}</dt><dd>{may ? <Choice label={t('case.priority')} value={String(file.priority ?? 0)} onValue={value => { send({ priority: Number(value) }); }} options={priorities.map(each => [each, each === '0' ? '–' : `P${each}`] as const)} /> : file.priority === undefined ? '–' : `P${file.priority}`}</dd></div>
        <div><dt>{t('case.incident')}</dt><dd>{may ? <label className="check"><input type="checkbox" checked={file.declaredAt !== undefined} disabled={change.isPending} onChange={event => { send({ declared: event.target.checked }); }} />{t('case.declared')}</label>
          : t(file.declaredAt === undefined ? 'app.none' : 'case.declared')}{file.declaredBy !== undefined && <span className="soft small"> {file.declaredBy}</span>}</dd></div>
        <Took name={t('case.acknowledged')} from={file.openedAt} to={file.acknowledgedAt} />
        <Took name={t('case.contained')} from={file.openedAt} to={file.containedAt} />
        <Took name={t('case.closed')} from={file.openedAt} to={file.closedAt} />
      </dl>
      {closing && <CloseDialog file={file} onClose={() => { setClosing(false); }} />}
    </div>
  );
}

function Took({ name, from, to }: { readonly name: string; readonly from: string; readonly to: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  return <div><dt>{name}</dt><dd title={to === undefined ? undefined : format.dateTime(to)}>{to === undefined ? <span className="soft">{t('case.notYet')}</span> : t('case.after', { time: format.length(Math.max(0, Date.parse(to) - Date.parse(from))) })}</dd></div>;
}

/** Names are typed: who may work on cases is the server's to say. */
function GiveTo({ onGive }: { readonly onGive: (name: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState<string>();
  if (name === undefined) return <button type="button" className="button small" onClick={() => { setName(''); }}>{t('case.give')}</button>;
  return (
    <form className="row" onSubmit={event => { event.preventDefault(); onGive(name.trim()); setName(undefined); }}>
      <input className="input narrow" aria-label={t('case.giveTo')} placeholder={t('case.giveTo')} value={name} autoFocus onChange={event => { setName(event.target.value); }} onKeyDown={event => { if (event.key === 'Escape') setName(undefined); }} />
      <button className="button small" disabled={name.trim() === ''}>{t('case.give')}</button>
    </form>
  );
}
