import { useTranslation } from 'react-i18next';
import type { Diagram } from '../../../model/diagram';
import type { Edit } from '../../../model/edit';
import { inputsOf, inputTypes, newTrigger, triggersOf, unusedName, writeInput, writeTrigger, type HeaderRow, type InputFields, type TriggerFields, type TriggerKind } from '../../../model/header';
import { Icon } from '../../../parts/icon';
import { ConditionBuilder } from './condition-builder';
import { LineField, PickField } from './line-field';

const tlps = ['Clear', 'Green', 'Amber', 'AmberStrict', 'Red'];
const types = ['Notification', 'Detection', 'Investigation', 'Prevention', 'Mitigation', 'Remediation', 'Attack', 'Engagement'];
const triggers: readonly TriggerKind[] = ['Alert', 'Case', 'Schedule', 'Webhook'];

interface HeaderProps {
  readonly diagram: Diagram;
  readonly text: string;
  readonly onEdit: (edit: Edit) => void;
}

/** What stands before the first step: what the playbook is called, what starts it, what it is given. */
export function HeaderForm({ diagram, text, onEdit }: HeaderProps) {
  const { t } = useTranslation();
  const { header } = diagram;
  const inputs = inputsOf(diagram, text);
  const add = (code: string) => { onEdit({ do: 'SetHeaderLine', code }); };
  const name = unusedName(text, 'input');
  return (
    <>
      <LineField label={t('editor.summary')} value={header.summary} onValue={value => { onEdit({ do: 'SetHeader', field: 'Summary', value }); }} />
      <div className="row">
        <LineField label={t('editor.version')} value={header.version} onValue={value => { onEdit({ do: 'SetHeader', field: 'Version', value }); }} />
        <PickField label={t('editor.tlp')} value={header.tlp} options={tlps} onValue={value => { onEdit({ do: 'SetHeader', field: 'Tlp', value }); }} />
        <PickField label={t('editor.type')} value={header.type} options={types} onValue={value => { onEdit({ do: 'SetHeader', field: 'Type', value }); }} />
      </div>
      <section className="header-rows" aria-label={t('header.triggers')}>
        <h2 className="small-head">{t('header.triggers')}</h2>
        {triggersOf(diagram, text).map(row => <Trigger key={row.line} row={row} onEdit={onEdit} />)}
        <select className="input select small" aria-label={t('header.addTrigger')} value="" onChange={event => { add(writeTrigger(newTrigger[event.target.value as TriggerKind])); }}>
          <option value="" disabled>{t('header.addTrigger')}</option>{triggers.map(kind => <option key={kind} value={kind}>{t(`header.trigger.${kind}`)}</option>)}
        </select>
      </section>
      <section className="header-rows" aria-label={t('header.inputs')}>
        <h2 className="small-head">{t('header.inputs')}</h2>
        {inputs.map(row => <Input key={row.line} row={row} onEdit={onEdit} />)}
        <button type="button" className="button small" onClick={() => { add(writeInput({ variable: name, name, type: 'string', description: t('header.newInput'), default: '', from: '' })); }}><Icon name="plus" size={13} />{t('header.addInput')}</button>
      </section>
    </>
  );
}

function Trigger({ row, onEdit }: { readonly row: HeaderRow<TriggerFields>; readonly onEdit: (edit: Edit) => void }) {
  const { t } = useTranslation();
  const { fields, code, line } = row;
  const set = (next: Partial<TriggerFields>) => { if (fields) onEdit({ do: 'SetHeaderLine', line, code: writeTrigger({ ...fields, ...next }) }); };
  const asked = /^([A-Za-z_]\w*)\s*=>\s*([\s\S]*)$/.exec(fields?.value ?? '');
  return (
    <div className="header-row" role="group" aria-label={fields ? t(`header.trigger.${fields.kind}`) : code}>
      <div className="row"><strong>{fields ? t(`header.trigger.${fields.kind}`) : t('header.other')}</strong><Remove line={line} onEdit={onEdit} /></div>
      {!fields && <LineField mono label={t('header.code')} value={code} onValue={value => { onEdit({ do: 'SetHeaderLine', line, code: value }); }} />}
      {fields && (fields.kind === 'Alert' || fields.kind === 'Case') && (asked?.[1] !== undefined && asked[2] !== undefined
        ? <ConditionBuilder label={t('header.when')} value={asked[2]} known={new Set([asked[1]])} onValue={value => { set({ value: `${asked[1] ?? 'alert'} => ${value}` }); }} />
        : <LineField mono label={t('header.when')} value={fields.value} onValue={value => { set({ value }); }} />)}
      {fields?.kind === 'Schedule' && <div className="row"><LineField mono label={t('header.cron')} value={fields.value} onValue={value => { set({ value }); }} /><LineField label={t('header.zone')} value={fields.zone} onValue={zone => { set({ zone }); }} /></div>}
      {fields?.kind === 'Webhook' && <LineField label={t('header.hook')} value={fields.value} onValue={value => { set({ value }); }} />}
    </div>
  );
}

function Input({ row, onEdit }: { readonly row: HeaderRow<InputFields>; readonly onEdit: (edit: Edit) => void }) {
  const { t } = useTranslation();
  const { fields, code, line } = row;
  const set = (next: Partial<InputFields>) => { if (fields) onEdit({ do: 'SetHeaderLine', line, code: writeInput({ ...fields, ...next }) }); };
  return (
    <div className="header-row" role="group" aria-label={fields?.name ?? code}>
      <div className="row"><strong>{fields?.name ?? t('header.other')}</strong><Remove line={line} onEdit={onEdit} /></div>
      {!fields && <LineField mono label={t('header.code')} value={code} onValue={value => { onEdit({ do: 'SetHeaderLine', line, code: value }); }} />}
      {fields && <div className="arguments">
        <LineField label={t('header.name')} value={fields.name} onValue={name => { set({ name }); }} />
        {fields.type === '' ? <LineField mono label={t('editor.type')} value="" placeholder={t('header.typeOfDefault')} onValue={type => { set({ type }); }} /> : <PickField label={t('editor.type')} value={fields.type} options={inputTypes} onValue={type => { set({ type }); }} />}
        <LineField label={t('header.description')} value={fields.description} onValue={description => { set({ description }); }} />
        <LineField mono label={t('header.default')} value={fields.default} placeholder={t('editor.required')} onValue={otherwise => { set({ default: otherwise }); }} />
        <LineField mono label={t('header.from')} value={fields.from} placeholder="alert => alert.Source?.Ip" onValue={from => { set({ from }); }} />
      </div>}
    </div>
  );
}

function Remove({ line, onEdit }: { readonly line: number; readonly onEdit: (edit: Edit) => void }) {
  const { t } = useTranslation();
  return <button type="button" className="icon-button" aria-label={t('editor.delete')} title={t('editor.delete')} onClick={() => { onEdit({ do: 'SetHeaderLine', line }); }}><Icon name="cross" size={13} /></button>;
}
