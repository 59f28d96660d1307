import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useImportList } from '../../api/lists';
import { Dialog } from '../../parts/dialog';
import { Field, TextArea, TextField } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';

/** A list from CSV: from a file, or pasted. What was there before stays as a version. */
export function ImportDialog({ name: given, onClose }: { readonly name?: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const upload = useImportList();
  const [name, setName] = useState(given ?? '');
  const [csv, setCsv] = useState('');
  const send = () => {
    upload.send({ name: name.trim(), csv }, made => {
      notify(t('lists.imported', { version: made.version, count: made.rows }));
      onClose();
      void navigate(`/lists/${encodeURIComponent(made.name)}`);
    });
  };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('lists.importTitle')} text={t('lists.importText')}>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {upload.error && <Problem error={upload.error} />}
        {given === undefined && <TextField label={t('playbooks.name')} value={name} onValue={setName} required autoFocus maxLength={100} autoComplete="off" />}
        <Field label={t('lists.file')}>{id => <input id={id} type="file" accept=".csv,text/csv" className="input" onChange={event => { void event.target.files?.[0]?.text().then(setCsv); }} />}</Field>
        <TextArea label={t('lists.csv')} value={csv} onValue={setCsv} rows={8} spellCheck={false} className="input mono" placeholder={'name,mail\nTown hall,town.hall@example.org'} />
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.cancel')}</button>
          <button className="button primary" disabled={upload.isPending || name.trim() === '' || csv.trim() === ''}>{t('lists.importNow')}</button>
        </div>
      </form>
    </Dialog>
  );
}
