import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useReview, useVersionChange, type Review } from '../../../api/versions';
import { TextArea } from '../../../parts/field';
import { notify } from '../../../parts/notices';
import { Problem } from '../../../parts/problem';
import { Ago } from '../../../parts/time';
import { CompareView } from './compare-view';

interface ReviewCardProps {
  readonly review: Review;
  readonly permissions: readonly string[];
  /** Whether something is published to compare with; else the file is. */
  readonly published: boolean;
}

/** A draft that was submitted: what it changes, what was said about it, and what this person may do with it. */
export function ReviewCard({ review, permissions, published }: ReviewCardProps) {
  const { t } = useTranslation();
  const change = useVersionChange(review.playbook);
  const mayReview = permissions.includes('ReviewPlaybooks');
  const [text, setText] = useState('');
  const written = text.trim();
  const send = (what: Parameters<typeof change.mutate>[0], done: string) => { change.mutate(what, { onSuccess: () => { setText(''); notify(done); } }); };
  return (
    <article className="review-card">
      <header>
        <strong>{review.version}</strong> <span className={`pill ${review.state === 'Open' ? 'warn' : 'good'}`}>{t(review.state === 'Open' ? 'versions.stateOpen' : 'versions.stateApproved')}</span>
        <span className="soft">{t('versions.by', { author: review.author })} · <Ago at={review.submittedAt} /> · {t('versions.tests', { count: review.tests })}</span>
      </header>
      {review.note !== '' && <p>{review.note}</p>}
      {review.state === 'Approved' && <p className="soft">{t('versions.approvedBy', { reviewer: review.reviewer })}{review.reason !== '' && `: ${review.reason}`}</p>}
      {mayReview && <CompareView name={review.playbook} from={published ? 'current' : 'file'} to={review.id} />}
      {mayReview && <Comments id={review.id} />}
      {change.error && <Problem error={change.error} />}
      {mayReview && <TextArea label={review.mayDecide ? t('versions.word') : t('versions.comment')} value={text} onValue={setText} maxLength={4000} />}
      <div className="row">
        {review.mayDecide && <button type="button" className="button good" disabled={change.isPending} onClick={() => { send({ do: 'decide', review: review.id, approve: true, reason: written }, t('versions.approved')); }}>{t('versions.approve')}</button>}
        {review.mayDecide && <button type="button" className="button bad" disabled={change.isPending || written === ''} onClick={() => { send({ do: 'decide', review: review.id, approve: false, reason: written }, t('versions.refused')); }}>{t('versions.refuse')}</button>}
        {mayReview && <button type="button" className="button" disabled={change.isPending || written === ''} onClick={() => { send({ do: 'comment', review: review.id, text: written }, t('versions.commented')); }}>{t('versions.addComment')}</button>}
        {review.state === 'Approved' && permissions.includes('PublishPlaybooks') && <button type="button" className="button primary" disabled={change.isPending} onClick={() => { send({ do: 'publish', review: review.id }, t('versions.published', { version: review.version })); }}>{t('versions.publish')}</button>}
        {permissions.includes('EditPlaybooks') && <button type="button" className="button" disabled={change.isPending} onClick={() => { send({ do: 'withdraw', review: review.id }, t('versions.withdrawn')); }}>{t('versions.withdraw')}</button>}
      </div>
      {review.state === 'Open' && mayReview && !review.mayDecide && <p className="soft">{t('versions.ownText')}</p>}
    </article>
  );
}

function Comments({ id }: { readonly id: string }) {
  const comments = useReview(id).data?.comments ?? [];
  const { t } = useTranslation();
  return comments.length === 0 ? null : (
    <ul className="comments" aria-label={t('versions.comments')}>
      {comments.map((comment, i) => <li key={i}><strong>{comment.by}</strong> <span className="soft"><Ago at={comment.at} />{comment.line !== undefined && ` · ${t('playbook.line', { line: comment.line })}`}</span><p>{comment.text}</p></li>)}
    </ul>
  );
}
