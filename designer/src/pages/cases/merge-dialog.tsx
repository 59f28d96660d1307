import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useMergeCase, type CaseView } from '../../api/cases';
import { Dialog } from '../../parts/dialog';
import { TextArea, TextField } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';
import { Foreign } from '../../parts/value';

/** Puts everything of this case into another: related ones are one press away. */
export function MergeDialog({ view, onClose }: { readonly view: CaseView; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const merge = useMergeCase(view.case.id);
  const [into, setInto] = useState('');
  const [reason, setReason] = useState('');
  const send = () => {
    merge.send({ into: into.trim(), reason }, other => {
      notify(t('case.merged', { number: other.number }));
      void navigate(`/cases/${other.number}`);
    });
  };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('case.mergeTitle', { number: view.case.number })} text={t('case.mergeText')}>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {merge.error && <Problem error={merge.error} />}
        {view.related.length > 0 && <fieldset className="modes"><legend>{t('case.related')}</legend>{view.related.filter(other => other.case.mergedInto === undefined).map(other => (
          <label key={other.case.id} className="check"><input type="radio" name="into" checked={into === String(other.case.number)} onChange={() => { setInto(String(other.case.number)); }} /><span>{other.case.number} <Foreign text={other.case.title} max={120} /><br /><span className="soft mono"><Foreign text={other.shared.join(', ')} max={160} /></span></span></label>
        ))}</fieldset>}
        <TextField label={t('case.mergeInto')} value={into} onValue={setInto} required inputMode="numeric" autoComplete="off" />
        <TextArea label={`${t('run.reason')} (${t('app.optional')})`} value={reason} onValue={setReason} maxLength={2000} />
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.back')}</button>
          <button className="button primary" disabled={merge.isPending || into.trim() === ''}>{t('case.merge')}</button>
        </div>
      </form>
    </Dialog>
  );
}
