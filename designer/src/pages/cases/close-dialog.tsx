import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { resolutions, useChangeCase, type CaseFile, type Resolution } from '../../api/cases';
import { Dialog } from '../../parts/dialog';
import { TextArea } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';

/** Closing says how it came out. */
export function CloseDialog({ file, onClose }: { readonly file: CaseFile; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const change = useChangeCase(file.id);
  const [resolution, setResolution] = useState<Resolution>();
  const [reason, setReason] = useState('');
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('case.closeTitle', { number: file.number })} text={t('case.closeText')}>
      <form onSubmit={event => { event.preventDefault(); if (resolution) change.send({ status: 'Closed', resolution, reason }, () => { notify(t('run.changed')); onClose(); }); }}>
        {change.error && <Problem error={change.error} />}
        <fieldset className="modes">
          <legend>{t('case.resolution')}</legend>
          {resolutions.map(each => <label key={each} className="check"><input type="radio" name="resolution" checked={resolution === each} onChange={() => { setResolution(each); }} /><span><strong>{t(`resolution.${each}`)}</strong><br /><span className="soft">{t(`resolution.${each}Help`)}</span></span></label>)}
        </fieldset>
        <TextArea label={`${t('run.reason')} (${t('app.optional')})`} value={reason} onValue={setReason} maxLength={2000} />
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.back')}</button>
          <button className="button primary" disabled={change.isPending || resolution === undefined}>{t('case.close')}</button>
        </div>
      </form>
    </Dialog>
  );
}
