import { useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { completeAt, type CompletionItem } from '../../../api/editor';
import { memberOf, ofLocal, rootsAt, typeOf } from '../../../model/values';
import { Dialog } from '../../../parts/dialog';
import { Icon } from '../../../parts/icon';
import { Loaded } from '../../../parts/page';

interface PickerProps {
  readonly text: string;
  readonly file: string;
  /** Where the value will stand: what is known there can be picked. */
  readonly position: number;
  /** The variable that the step itself gives: it is not there yet. */
  readonly own?: string;
  readonly hasAlert: boolean;
  readonly onPick: (code: string) => void;
}

/** A button that opens the values there are at a place: inputs, the alert, what earlier steps gave, and what each of them holds. */
export function ValuePicker(props: PickerProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="icon-button" title={t('value.pick')} aria-label={t('value.pick')} onClick={() => { setOpen(true); }}><Icon name="more" size={14} /></button>
      {open && <Dialog open onOpenChange={setOpen} title={t('value.title')} text={t('value.help')}><Levels {...props} onPick={code => { setOpen(false); props.onPick(code); }} /></Dialog>}
    </>
  );
}

interface Step {
  readonly name: string;
  readonly type: string;
}

function Levels({ text, file, position, own, hasAlert, onPick }: PickerProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState<readonly Step[]>([]);
  const [typed, setTyped] = useState('');
  const code = path.reduce((made, step, i) => made + (i === 0 ? step.name : memberOf(path[i - 1]?.type ?? '', step.name)), '');
  const asked = path.length === 0 ? '' : code + memberOf(path.at(-1)?.type ?? '', '');
  const found = useQuery({
    queryKey: ['values', text, position, asked],
    queryFn: async ({ signal }) => {
      const all = await completeAt(text.slice(0, position) + asked + text.slice(position), file, position + asked.length, signal);
      return path.length === 0 ? rootsAt(all, text, position, own, hasAlert) : all.filter(each => each.kind === 'Property' || each.kind === 'Value');
    },
    staleTime: 30_000,
  });
  const go = (item: CompletionItem) => { setPath([...path, { name: item.name, type: item.kind === 'Local' ? ofLocal(item.signature) : typeOf(item.signature) }]); setTyped(''); };
  const press = (event: KeyboardEvent<HTMLElement>) => {
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-use]')];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'ArrowDown') rows[Math.min(rows.length - 1, at + 1)]?.focus();
    else if (event.key === 'ArrowUp') rows[Math.max(0, at - 1)]?.focus();
    else if (event.key === 'ArrowRight' && at >= 0) rows[at]?.parentElement?.querySelector<HTMLElement>('[data-open]')?.click();
    else if (event.key === 'ArrowLeft' && at >= 0 && path.length > 0) setPath(path.slice(0, -1));
    else return;
    event.preventDefault();
  };
  return (
    <div className="values-picker" onKeyDown={press}>
      <nav className="crumbs" aria-label={t('value.path')}>
        <button type="button" className="link" onClick={() => { setPath([]); }}>{t('value.root')}</button>
        {path.map((step, i) => <span key={i}> ▸ <button type="button" className="link" onClick={() => { setPath(path.slice(0, i + 1)); }}>{step.name}</button></span>)}
        {path.length > 0 && <button type="button" className="button small primary" onClick={() => { onPick(code); }}>{t('value.use', { code })}</button>}
      </nav>
      <input key={asked} className="input" autoFocus aria-label={t('app.filter')} placeholder={t('app.filter')} value={typed} onChange={event => { setTyped(event.target.value); }} />
      <Loaded query={found}>{items => {
        const fit = items.filter(each => each.name.toLowerCase().includes(typed.toLowerCase()));
        return fit.length === 0 ? <p className="soft">{t('value.none')}</p> : (
          <ul className="value-list">
            {fit.map(item => (
              <li key={item.name}>
                <button type="button" data-use className="value-use" title={item.summary} onClick={() => { onPick(path.length === 0 ? item.name : code + memberOf(path.at(-1)?.type ?? '', item.name)); }}><strong>{item.name}</strong> <code className="soft">{item.kind === 'Local' ? ofLocal(item.signature) : typeOf(item.signature)}</code><span className="summary">{item.summary}</span></button>
                <button type="button" data-open className="icon-button" aria-label={t('value.open', { name: item.name })} title={t('value.open', { name: item.name })} onClick={() => { go(item); }}><Icon name="chevron" size={13} /></button>
              </li>
            ))}
          </ul>
        );
      }}</Loaded>
    </div>
  );
}
