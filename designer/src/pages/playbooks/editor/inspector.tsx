import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { usePalette } from '../../../api/editor';
import type { Diagram, DiagramGroup, DiagramNode } from '../../../model/diagram';
import { argumentsOf, given, itemsOf, matches, moveBy, thingOf, titleOf, type Edit, type Frame } from '../../../model/edit';
import { Icon } from '../../../parts/icon';
import { ConditionBuilder } from './condition-builder';
import { HeaderForm } from './header-form';
import { LineField } from './line-field';
import { ValuePicker } from './value-picker';

interface InspectorProps {
  readonly diagram: Diagram;
  /** The text that the diagram is of. */
  readonly text: string;
  readonly file: string;
  readonly selected: string | undefined;
  /** How many statements are chosen. */
  readonly several: number;
  readonly busy: boolean;
  readonly onEdit: (edit: Edit) => void;
  readonly onInsert: () => void;
  readonly onCopy: (thing: string, cut: boolean) => void;
  readonly onPaste: () => void;
  /** Whether dry runs stop before it; undefined where they cannot. */
  readonly stops: boolean | undefined;
  readonly onStops: () => void;
}

const frames: readonly Frame[] = ['If', 'ForEach', 'Try', 'All'];

/** What is selected: its title, what it is given, and what can be done with it. */
export function Inspector({ diagram, text, file, selected, several, busy, onEdit, onInsert, onCopy, onPaste, stops, onStops }: InspectorProps) {
  const { t } = useTranslation();
  const thing = selected === undefined ? undefined : thingOf(diagram, selected);
  if (!thing) return <div className="inspector"><p className="soft">{t('editor.nothingSelected')}</p><p className="soft">{t('editor.dragHint')}</p></div>;
  if (thing.id === 'start') return <div className="inspector"><HeaderForm diagram={diagram} text={text} onEdit={onEdit} /></div>;
  const copying = (
    <>
      <button type="button" className="button small" disabled={busy} onClick={() => { onCopy(thing.id, false); }}>{t('app.copy')}</button>
      <button type="button" className="button small" disabled={busy} onClick={() => { onCopy(thing.id, true); }}>{t('editor.cut')}</button>
    </>
  );
  const deleting = <button type="button" className="button small bad" disabled={busy} onClick={() => { onEdit({ do: 'Delete', thing: thing.id }); }}>{t('editor.delete')}</button>;
  if (several > 1) return <div className="inspector"><div className="row tools" role="group" aria-label={t('editor.actions')}><strong>{t('editor.several', { count: several })}</strong>{copying}{deleting}</div></div>;
  const [up, down] = [moveBy(diagram, thing.id, -1), moveBy(diagram, thing.id, 1)];
  const title = titleOf(thing);
  return (
    <div className="inspector">
      <div className="row tools" role="group" aria-label={t('editor.actions')}>
        <button type="button" className="button small" disabled={busy} onClick={onInsert}><Icon name="plus" size={13} />{t('editor.insert')}</button>
        <button type="button" className="button small" disabled={busy || !up} onClick={() => { if (up) onEdit({ do: 'Move', thing: thing.id, ...up }); }}>{t('editor.up')}</button>
        <button type="button" className="button small" disabled={busy || !down} onClick={() => { if (down) onEdit({ do: 'Move', thing: thing.id, ...down }); }}>{t('editor.down')}</button>
        <select className="input select small" aria-label={t('editor.wrap')} value="" disabled={busy} onChange={event => { onEdit({ do: 'Wrap', thing: thing.id, in: event.target.value as Frame }); }}>
          <option value="" disabled>{t('editor.wrap')}</option>{frames.map(frame => <option key={frame} value={frame}>{t(`editor.wrapIn.${frame}`)}</option>)}
        </select>
        {copying}
        <button type="button" className="button small" disabled={busy} onClick={onPaste}>{t('editor.paste')}</button>
        {stops !== undefined && <button type="button" className="button small" aria-pressed={stops} title="F9" onClick={onStops}>{t('editor.stopHere')}</button>}
        {deleting}
      </div>
      <LineField key={`${thing.id} title`} label={t('editor.title')} value={title} placeholder={title === '' ? thing.label : ''} onValue={value => { onEdit({ do: 'SetTitle', thing: thing.id, title: value }); }} />
      <Arguments diagram={diagram} thing={thing} text={text} file={file} onEdit={onEdit} />
    </div>
  );
}

interface ArgumentsProps {
  readonly diagram: Diagram;
  readonly thing: DiagramNode | DiagramGroup;
  readonly text: string;
  readonly file: string;
  readonly onEdit: (edit: Edit) => void;
}

function Arguments({ diagram, thing, text, file, onEdit }: ArgumentsProps) {
  const { t } = useTranslation();
  const entry = usePalette().data?.find(each => matches(each, thing));
  const hasAlert = diagram.header.triggers.some(trigger => trigger.startsWith('On.Alert'));
  const known = useMemo(() => new Set([...diagram.nodes, ...diagram.groups].flatMap(each => each.result?.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []).concat(diagram.header.inputs.map(input => input.name), 'alert', 'item', 'Now')), [diagram]);
  const set = (parameter: string, position: number) => (value: string) => { onEdit({ do: 'SetArgument', thing: thing.id, parameter, position, ...(value === '' ? {} : { value }) }); };
  const pick = (onPick: (code: string) => void) => <ValuePicker text={text} file={file} position={thing.span.start} own={thing.result} hasAlert={hasAlert} onPick={onPick} />;
  if (thing.kind === 'decision')
    return <ConditionBuilder key={`${thing.id} condition`} label={t('editor.condition')} value={text.slice(thing.span.start, thing.span.start + thing.span.length)} known={known} pick={pick} onValue={set('condition', 0)} />;
  if (thing.kind === 'loop' && thing.action === 'foreach') return <LineField key={`${thing.id} items`} mono label={t('editor.items')} value={itemsOf(text, thing.span)} beside={pick(set('items', 0))} onValue={set('items', 0)} />;
  const parameters = thing.kind === 'end' && diagram.nodes.some(node => node.id === thing.id && node.action !== 'End' && thing.span.length > 0) ? [{ name: 'reason', type: 'text', default: 'null', summary: '' }] : entry?.parameters ?? [];
  if (parameters.length === 0) return null;
  const args = argumentsOf(text, thing.span);
  return (
    <div className="arguments" role="group" aria-label={t('editor.arguments')}>
      {entry && <p className="soft">{entry.summary}</p>}
      {parameters.map((parameter, i) => (
        <LineField key={`${thing.id} ${parameter.name}`} mono label={parameter.name} hint={`${parameter.type}${parameter.default === undefined ? `, ${t('editor.required')}` : `, ${t('editor.unless', { value: parameter.default })}`}${parameter.summary === '' ? '' : ` · ${parameter.summary}`}`}
          value={given(args, parameter.name, i)} beside={pick(set(parameter.name, i))} onValue={set(parameter.name, i)} />
      ))}
    </div>
  );
}
