import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePalette } from '../../../api/editor';
import type { Diagram, DiagramGroup, DiagramNode } from '../../../model/diagram';
import { argumentsOf, given, itemsOf, matches, moveBy, thingOf, type Edit } from '../../../model/edit';
import { Icon } from '../../../parts/icon';

interface InspectorProps {
  readonly diagram: Diagram;
  readonly text: string;
  readonly selected: string | undefined;
  readonly busy: boolean;
  readonly onEdit: (edit: Edit) => void;
  readonly onInsert: () => void;
}

/** What is selected: its title, what it is given, and what can be done with it. */
export function Inspector({ diagram, text, selected, busy, onEdit, onInsert }: InspectorProps) {
  const { t } = useTranslation();
  const thing = selected === undefined ? undefined : thingOf(diagram, selected);
  if (!thing) return <div className="inspector"><p className="soft">{t('editor.nothingSelected')}</p></div>;
  if (thing.id === 'start') return <div className="inspector"><Header diagram={diagram} onEdit={onEdit} /></div>;
  const [up, down] = [moveBy(diagram, thing.id, -1), moveBy(diagram, thing.id, 1)];
  const titled = isTitled(thing);
  return (
    <div className="inspector">
      <Line key={`${thing.id} title`} label={t('editor.title')} value={titled ? thing.label : ''} placeholder={titled ? '' : thing.label} onValue={title => { onEdit({ do: 'SetTitle', thing: thing.id, title }); }} />
      <Arguments diagram={diagram} thing={thing} text={text} onEdit={onEdit} />
      <div className="row tools" role="group" aria-label={t('editor.actions')}>
        <button type="button" className="button small" disabled={busy} onClick={onInsert}><Icon name="plus" size={13} />{t('editor.insert')}</button>
        <button type="button" className="button small" disabled={busy || !up} onClick={() => { if (up) onEdit({ do: 'Move', thing: thing.id, ...up }); }}>{t('editor.up')}</button>
        <button type="button" className="button small" disabled={busy || !down} onClick={() => { if (down) onEdit({ do: 'Move', thing: thing.id, ...down }); }}>{t('editor.down')}</button>
        <select className="input select small" aria-label={t('editor.wrap')} value="" disabled={busy} onChange={event => { onEdit({ do: 'Wrap', thing: thing.id, in: event.target.value as 'If' }); }}>
          <option value="" disabled>{t('editor.wrap')}</option><option value="If">{t('editor.wrapIf')}</option><option value="ForEach">{t('editor.wrapForEach')}</option><option value="Try">{t('editor.wrapTry')}</option>
        </select>
        <button type="button" className="button small bad" disabled={busy} onClick={() => { onEdit({ do: 'Delete', thing: thing.id }); }}>{t('editor.delete')}</button>
      </div>
    </div>
  );
}

/** A frame that nobody gave a title says what it is; one with a title says that below. */
function isTitled(thing: DiagramNode | DiagramGroup): boolean {
  if ('titled' in thing) return thing.titled;
  if (thing.kind === 'protected') return thing.label !== 'Try';
  return thing.kind === 'function' ? !thing.detail.startsWith(thing.label) : thing.detail !== '';
}

function Arguments({ diagram, thing, text, onEdit }: { readonly diagram: Diagram; readonly thing: DiagramNode | DiagramGroup; readonly text: string; readonly onEdit: (edit: Edit) => void }) {
  const { t } = useTranslation();
  const entry = usePalette().data?.find(each => matches(each, thing));
  const set = (parameter: string, position: number) => (value: string) => { onEdit({ do: 'SetArgument', thing: thing.id, parameter, position, ...(value === '' ? {} : { value }) }); };
  if (thing.kind === 'decision') return <Line key={`${thing.id} condition`} mono label={t('editor.condition')} value={text.slice(thing.span.start, thing.span.start + thing.span.length)} onValue={set('condition', 0)} />;
  if (thing.kind === 'loop' && thing.action === 'foreach') return <Line key={`${thing.id} items`} mono label={t('editor.items')} value={itemsOf(text, thing.span)} onValue={set('items', 0)} />;
  const parameters = thing.kind === 'end' && diagram.nodes.some(node => node.id === thing.id && node.action !== 'End' && thing.span.length > 0) ? [{ name: 'reason', type: 'text', default: 'null', summary: '' }] : entry?.parameters ?? [];
  if (parameters.length === 0) return null;
  const args = argumentsOf(text, thing.span);
  return (
    <div className="arguments" role="group" aria-label={t('editor.arguments')}>
      {entry && <p className="soft">{entry.summary}</p>}
      {parameters.map((parameter, i) => (
        <Line key={`${thing.id} ${parameter.name}`} mono label={parameter.name} hint={`${parameter.type}${parameter.default === undefined ? `, ${t('editor.required')}` : `, ${t('editor.unless', { value: parameter.default })}`}${parameter.summary === '' ? '' : ` · ${parameter.summary}`}`}
          value={given(args, parameter.name, i)} onValue={set(parameter.name, i)} />
      ))}
    </div>
  );
}

const tlps = ['Clear', 'Green', 'Amber', 'AmberStrict', 'Red'];
const types = ['Notification', 'Detection', 'Investigation', 'Prevention', 'Mitigation', 'Remediation', 'Attack', 'Engagement'];

function Header({ diagram: { header }, onEdit }: { readonly diagram: Diagram; readonly onEdit: (edit: Edit) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Line label={t('editor.summary')} value={header.summary} onValue={value => { onEdit({ do: 'SetHeader', field: 'Summary', value }); }} />
      <div className="row">
        <Line label={t('editor.version')} value={header.version} onValue={value => { onEdit({ do: 'SetHeader', field: 'Version', value }); }} />
        <Pick label={t('editor.tlp')} value={header.tlp} options={tlps} onValue={value => { onEdit({ do: 'SetHeader', field: 'Tlp', value }); }} />
        <Pick label={t('editor.type')} value={header.type} options={types} onValue={value => { onEdit({ do: 'SetHeader', field: 'Type', value }); }} />
      </div>
    </>
  );
}

function Pick({ label, value, options, onValue }: { readonly label: string; readonly value: string; readonly options: readonly string[]; readonly onValue: (value: string) => void }) {
  return <label className="line-field"><span>{label}</span><select className="input" value={value} onChange={event => { onValue(event.target.value); }}>{!options.includes(value) && <option>{value}</option>}{options.map(each => <option key={each}>{each}</option>)}</select></label>;
}

/** One value: written when it is left or Enter is pressed, as it was with Escape. */
function Line({ label, value, placeholder, hint, mono, onValue }: { readonly label: string; readonly value: string; readonly placeholder?: string; readonly hint?: string; readonly mono?: boolean; readonly onValue: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => { setTyped(value); }, [value]);
  const done = () => { if (typed.trim() !== value.trim()) onValue(typed.trim()); };
  return (
    <label className="line-field">
      <span>{label}{hint !== undefined && <small className="soft" title={hint}> {hint}</small>}</span>
      <input className={`input${mono ? ' mono' : ''}`} value={typed} placeholder={placeholder} onChange={event => { setTyped(event.target.value); }} onBlur={done}
        onKeyDown={event => { if (event.key === 'Enter') done(); if (event.key === 'Escape') setTyped(value); }} />
    </label>
  );
}
