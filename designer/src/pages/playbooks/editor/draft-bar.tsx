import { useTranslation } from 'react-i18next';
import { Icon } from '../../../parts/icon';
import type { Depth } from './code-editor';
import type { useDraft } from './use-draft';

interface DraftBarProps {
  readonly draft: ReturnType<typeof useDraft>;
  readonly depth: Depth;
  readonly palette: boolean;
  readonly onPalette: () => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onInsert: () => void;
  readonly onDiscard: () => void;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
  readonly onClose: () => void;
}

/** Undo and redo, and what has become of what was written. */
export function DraftBar({ draft, depth, palette, onPalette, onUndo, onRedo, onInsert, onDiscard, onTheirs, onMine, onClose }: DraftBarProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className="edit-bar" role="toolbar" aria-label={t('editor.tools')}>
        <button type="button" className="button small" aria-pressed={palette} onClick={onPalette}>{t('editor.palette')}</button>
        <button type="button" className="button small" onClick={onInsert}><Icon name="plus" size={13} />{t('editor.insert')}</button>
        <button type="button" className="button small" disabled={depth.undo === 0} onClick={onUndo}>{t('editor.undo')}</button>
        <button type="button" className="button small" disabled={depth.redo === 0} onClick={onRedo}>{t('editor.redo')}</button>
        <span className={`draft-state ${draft.state}`} role="status">{t(`draft.${draft.state}`)}{draft.version > 0 && <span className="soft"> · {t('draft.version', { version: draft.version })}</span>}</span>
        <span className="grow" />
        {draft.version > 0 && <button type="button" className="button small bad" onClick={onDiscard}>{t('draft.discard')}</button>}
        <button type="button" className="button small" onClick={onClose}>{t('editor.close')}</button>
      </div>
      {draft.state === 'conflict' && (
        <div className="warn-note conflict" role="alert">
          <p>{draft.error?.message}</p>
          <div className="row"><button type="button" className="button small" onClick={onTheirs}>{t('draft.theirs')}</button><button type="button" className="button small" onClick={onMine}>{t('draft.mine')}</button></div>
        </div>
      )}
      {draft.state === 'failed' && <p className="bad-note" role="alert">{draft.error?.message || t('error.unreachable')} <button type="button" className="link" onClick={() => { void draft.save(); }}>{t('app.retry')}</button></p>}
    </>
  );
}
