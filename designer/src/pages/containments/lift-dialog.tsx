import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLift } from '../../api/queries';
import type { Containment } from '../../api/types';
import { Dialog } from '../../parts/dialog';
import { TextArea } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';
import { visible } from '../../parts/value';

/** Lifting before its time: who else holds it is said, and the reason goes on record. */
export function LiftDialog({ containment, onClose }: { readonly containment: Containment; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const lift = useLift();
  const [reason, setReason] = useState('');
  const [force, setForce] = useState(false);
  const others = containment.holders.filter(holder => holder.releasedAt === undefined).length - 1;
  const send = () => {
    lift.send({ id: containment.id, reason, force }, after => {
      notify(after.status === 'Lifted' || after.status === 'Lifting' ? t('containments.lifted') : t('containments.released'));
      onClose();
    });
  };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('containments.liftTitle', { target: visible(containment.target) })} text={t('containments.liftText', { action: containment.action, instance: containment.instance })}>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {lift.error && <Problem error={lift.error} />}
        {others > 0 && <p className="warn-note">{t('containments.liftHeld', { count: others })}</p>}
        {others > 0 && <label className="check"><input type="checkbox" checked={force} onChange={event => { setForce(event.target.checked); }} />{t('containments.force')}</label>}
        <TextArea label={t('containments.reason')} value={reason} onValue={setReason} required autoFocus maxLength={2000} />
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.back')}</button>
          <button className="button primary" disabled={lift.isPending || reason.trim() === ''}>{t('containments.lift')}</button>
        </div>
      </form>
    </Dialog>
  );
}
