import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Box } from '../model/layout/blocks';

/** A title written where it stands. Enter and leaving it keep what was written, Escape does not. */
export function TitleField({ box, title, onTitle, onClose }: { readonly box: Box; readonly title: string; readonly onTitle: (title: string) => void; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(title);
  const done = () => {
    onClose();
    if (typed.trim() !== title) onTitle(typed.trim());
  };
  return (
    <input className="title-field input nopan nodrag" autoFocus aria-label={t('editor.title')} placeholder={t('editor.titleHint')} value={typed} style={{ transform: `translate(${String(box.x)}px, ${String(box.y + 2)}px)`, width: Math.max(160, box.w) }}
      onFocus={event => { event.target.select(); }} onChange={event => { setTyped(event.target.value); }} onBlur={done}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') { setTyped(title); onClose(); }
      }} />
  );
}
