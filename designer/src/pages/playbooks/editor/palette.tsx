import { useMemo, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { usePalette } from '../../../api/editor';
import { beginDrag } from '../../../canvas/canvas-edits';
import { search, type PaletteEntry } from '../../../model/edit';
import { local } from '../../../model/palette-words';
import { Dialog } from '../../../parts/dialog';
import { Loaded } from '../../../parts/page';

/** Everything that can be inserted. Typing searches, arrows choose, Enter inserts. */
export function PaletteDialog({ onChoose, onClose }: { readonly onChoose: (entry: PaletteEntry) => void; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const palette = usePalette();
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('editor.insertTitle')}>
      <Loaded query={palette}>{entries => <Choices id="palette-dialog" focused entries={entries} onChoose={onChoose} />}</Loaded>
    </Dialog>
  );
}

/** The same beside the picture: from here things are dragged to a place, or put behind what is selected. */
export function PalettePanel({ onChoose }: { readonly onChoose: (entry: PaletteEntry) => void }) {
  const { t } = useTranslation();
  const palette = usePalette();
  return <section className="palette-side" aria-label={t('editor.palette')}><Loaded query={palette}>{entries => <Choices id="palette-side" entries={entries} onChoose={onChoose} />}</Loaded></section>;
}

const shown = 80;

interface ChoicesProps {
  readonly id: string;
  readonly focused?: boolean;
  readonly entries: readonly PaletteEntry[];
  readonly onChoose: (entry: PaletteEntry) => void;
}

function Choices({ id, focused = false, entries, onChoose }: ChoicesProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const locals = useMemo(() => {
    const [words, groups] = [t('palette.words', { returnObjects: true }), t('palette.group', { returnObjects: true })];
    return entries.map(entry => local(entry, words, groups));
  }, [entries, t]);
  const found = useMemo(() => search(locals, typed).slice(0, shown), [locals, typed]);
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.min(found.length - 1, Math.max(0, at + step));
      setAt(next);
      document.getElementById(`${id}-${String(next)}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const chosen = found[at];
      if (chosen) onChoose(chosen.entry);
    }
  };
  return (
    <div className="palette">
      <input className="input" autoFocus={focused} role="combobox" aria-expanded aria-controls={`${id}-list`} aria-activedescendant={found[at] ? `${id}-${String(at)}` : undefined} aria-label={t('editor.search')} placeholder={t('editor.search')}
        value={typed} onChange={event => { setTyped(event.target.value); setAt(0); }} onKeyDown={press} />
      <ul className="palette-list" id={`${id}-list`} role="listbox" aria-label={t('editor.insertTitle')} tabIndex={-1}>
        {found.map(({ entry, name, group, text }, i) => (
          <li key={`${entry.group}.${entry.name}`} id={`${id}-${String(i)}`} role="option" aria-selected={i === at} className={i === at ? 'on' : undefined} title={text} draggable
            onDragStart={event => { beginDrag(event, { entry: entries.indexOf(entry) }); }} onClick={() => { onChoose(entry); }} onMouseMove={() => { setAt(i); }}>
            <span className="soft">{group}</span> <strong>{name}</strong>{entry.effect !== undefined && entry.effect !== 'ReadsOnly' && <span className="badge">{t(`effect.${entry.effect as 'Records'}`)}</span>}
            <span className="summary">{text}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="soft">{t('editor.nothingFits', { text: typed })}</p>}
    </div>
  );
}
