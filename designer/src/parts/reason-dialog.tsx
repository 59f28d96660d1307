import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog';
import { TextArea } from './field';
import { Problem } from './problem';

interface ReasonDialogProps {
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly label: string;
  /** What it starts, as it stands. */
  readonly change: { readonly error: Error | null; readonly isPending: boolean };
  readonly tone?: 'primary' | 'bad';
  readonly ready?: boolean;
  readonly children?: ReactNode;
  readonly onReason: (reason: string) => void;
  readonly onClose: () => void;
}

/** Asks why before something is done: the reason goes on record, so there is no way round it. */
export function ReasonDialog({ title, text, button, label, change, tone = 'primary', ready = true, children, onReason, onClose }: ReasonDialogProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={title} text={text}>
      <form onSubmit={event => { event.preventDefault(); onReason(reason.trim()); }}>
        {change.error && <Problem error={change.error} />}
        {children}
        <TextArea label={label} value={reason} onValue={setReason} required autoFocus={children === undefined} maxLength={2000} />
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.back')}</button>
          <button className={`button ${tone}`} disabled={change.isPending || reason.trim() === '' || !ready}>{button}</button>
        </div>
      </form>
    </Dialog>
  );
}
