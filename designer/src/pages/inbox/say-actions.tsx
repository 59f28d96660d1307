import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClaim, useDelegate, useDuty } from '../../api/people';
import { useIdentity } from '../../api/queries';
import type { Question } from '../../api/types';
import { TextField } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';
import { ReasonDialog } from '../../parts/reason-dialog';
import { isTyping } from './inbox-page';

/** Besides an answer: that one sees to it, and that another person is to decide instead. */
export function SayActions({ question }: { readonly question: Question }) {
  const { t } = useTranslation();
  const me = useIdentity().data?.name ?? '';
  const claim = useClaim(question.id);
  const [handing, setHanding] = useState(false);
  const mine = question.claimedBy === me;
  const take = () => { claim.send({ release: mine, takeOver: !mine && question.claimedBy !== undefined }, after => { notify(after.claimedBy === undefined ? t('inbox.released') : t('inbox.claimed')); }); };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.repeat || isTyping(event)) return;
      if (event.key === 'c') take();
      else if (event.key === 'd') {
        event.preventDefault();
        setHanding(true);
      }
    };
    document.addEventListener('keydown', press);
    return () => { document.removeEventListener('keydown', press); };
  });
  return (
    <>
      <button type="button" className="button" disabled={claim.isPending} onClick={take}>{t(mine ? 'inbox.release' : question.claimedBy === undefined ? 'inbox.claim' : 'inbox.takeOver')}<kbd aria-hidden="true">c</kbd></button>
      <button type="button" className="button" onClick={() => { setHanding(true); }}>{t('inbox.handOn')}<kbd aria-hidden="true">d</kbd></button>
      {claim.error && <Problem error={claim.error} />}
      {handing && <HandOn question={question} onClose={() => { setHanding(false); }} />}
    </>
  );
}

function HandOn({ question, onClose }: { readonly question: Question; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const delegate = useDelegate(question.id);
  const me = useIdentity().data?.name ?? '';
  const [to, setTo] = useState('');
  const known = [...new Set((useDuty().data ?? []).flatMap(duty => duty.who))].filter(name => name !== me).sort();
  return (
    <ReasonDialog title={t('inbox.handOnTitle')} text={t('inbox.handOnText')} button={t('inbox.handOn')} label={t('inbox.handOnWhy')} change={delegate} ready={to.trim() !== ''} onClose={onClose}
      onReason={reason => { delegate.send({ to: to.trim(), reason }, () => { notify(t('inbox.handedOn', { who: to.trim() })); onClose(); }); }}>
      <TextField label={t('inbox.handOnTo')} value={to} onValue={setTo} required autoFocus autoComplete="off" list="people-known" maxLength={64} />
      <datalist id="people-known">{known.map(name => <option key={name} value={name} />)}</datalist>
    </ReasonDialog>
  );
}
