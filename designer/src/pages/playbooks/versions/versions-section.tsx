import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { draftQuery } from '../../../api/editor';
import { useIdentity } from '../../../api/queries';
import { useReviews, useVersionChange, useVersions, type PublishedVersion } from '../../../api/versions';
import { Dialog } from '../../../parts/dialog';
import { Choice, TextArea } from '../../../parts/field';
import { notify } from '../../../parts/notices';
import { Section } from '../../../parts/page';
import { Problem } from '../../../parts/problem';
import { Ago } from '../../../parts/time';
import { CompareView } from './compare-view';
import { ReviewCard } from './review-card';

/** What is published of a playbook, what waits to be, what differs, and the way back. */
export function VersionsSection({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const permissions = useIdentity().data?.permissions ?? [];
  const versions = useVersions(name).data?.versions ?? [];
  const reviews = useReviews(name).data ?? [];
  const [back, setBack] = useState<PublishedVersion>();
  return (
    <Section title={t('versions.title')}>
      {versions.length === 0 && reviews.length === 0 && <p className="soft">{t('versions.none')}</p>}
      {permissions.includes('EditPlaybooks') && <Submit name={name} submitted={reviews[0]?.draft} />}
      {reviews.map(review => <ReviewCard key={review.id} review={review} permissions={permissions} published={versions.some(version => version.current)} />)}
      {versions.length > 0 && <>
        <Table versions={versions} onBack={permissions.includes('PublishPlaybooks') ? setBack : undefined} />
        <Compare name={name} versions={versions} />
      </>}
      {back && <BackDialog version={back} onClose={() => { setBack(undefined); }} />}
    </Section>
  );
}

function Table({ versions, onBack }: { readonly versions: readonly PublishedVersion[]; readonly onBack: ((version: PublishedVersion) => void) | undefined }) {
  const { t } = useTranslation();
  return (
    <table className="table">
      <thead><tr><th>{t('versions.version')}</th><th>{t('versions.publishedAt')}</th><th>{t('versions.author')}</th><th>{t('versions.reviewer')}</th><th>{t('versions.commit')}</th><th>{t('versions.testsPassed')}</th><th><span className="hidden">{t('versions.rollBack')}</span></th></tr></thead>
      <tbody>
        {versions.map(version => (
          <tr key={version.version}>
            <td>{version.version} {version.current && <span className="pill good">{t('versions.current')}</span>}</td>
            <td><Ago at={version.publishedAt} /></td>
            <td>{version.author}</td>
            <td>{version.reviewer ?? <span className="soft">{t('versions.nobody')}</span>}</td>
            <td>{version.commit !== undefined && <code title={version.commit}>{version.commit.slice(0, 10)}</code>}</td>
            <td>{version.tests}</td>
            <td>{!version.current && onBack && <button type="button" className="button small" onClick={() => { onBack(version); }}>{t('versions.rollBack')}</button>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Compare({ name, versions }: { readonly name: string; readonly versions: readonly PublishedVersion[] }) {
  const { t } = useTranslation();
  const options = [...versions.map(version => [version.version, version.version] as const), ['file', t('versions.file')] as const];
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState(versions[1]?.version ?? versions[0]?.version ?? 'file');
  const [to, setTo] = useState(versions.length > 1 ? versions[0]?.version ?? 'file' : 'file');
  return (
    <>
      <div className="row compare-bar">
        <Choice label={t('versions.from')} value={from} options={options} onValue={setFrom} /> → <Choice label={t('versions.to')} value={to} options={options} onValue={setTo} />
        <button type="button" className="button small" aria-expanded={open} onClick={() => { setOpen(!open); }}>{t('versions.compare')}</button>
      </div>
      {open && <CompareView name={name} from={from} to={to} />}
    </>
  );
}

/** The draft, where there is one that was not submitted as it stands. */
function Submit({ name, submitted }: { readonly name: string; readonly submitted: number | undefined }) {
  const { t } = useTranslation();
  const draft = useQuery({ ...draftQuery(name), queryKey: ['draft-state', name], staleTime: 5_000, gcTime: 60_000, refetchInterval: 20_000 }).data;
  const change = useVersionChange(name);
  const [note, setNote] = useState('');
  if (draft === undefined || draft === null || draft.version === submitted) return null;
  return (
    <form className="review-card" onSubmit={event => { event.preventDefault(); change.mutate({ do: 'submit', draft: draft.version, note }, { onSuccess: () => { setNote(''); notify(t('versions.submitted')); } }); }}>
      <p>{t('versions.draft', { who: draft.savedBy })} <Ago at={draft.savedAt} /></p>
      {change.error && <Problem error={change.error} />}
      <TextArea label={t('versions.note')} value={note} onValue={setNote} maxLength={2000} />
      <div className="row"><button className="button primary" disabled={change.isPending}>{change.isPending ? t('versions.checking') : t('versions.submit')}</button></div>
    </form>
  );
}

function BackDialog({ version, onClose }: { readonly version: PublishedVersion; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const change = useVersionChange(version.playbook);
  const [reason, setReason] = useState('');
  const send = () => { change.mutate({ do: 'rollBack', version: version.version, reason }, { onSuccess: () => { notify(t('versions.rolledBack', { version: version.version })); onClose(); } }); };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('versions.backTitle', { version: version.version })} text={t('versions.backText')}>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {change.error && <Problem error={change.error} />}
        <TextArea label={t('versions.reason')} value={reason} onValue={setReason} required autoFocus maxLength={2000} />
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.back')}</button>
          <button className="button primary" disabled={change.isPending || reason.trim() === ''}>{t('versions.rollBack')}</button>
        </div>
      </form>
    </Dialog>
  );
}
