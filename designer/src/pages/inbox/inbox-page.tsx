import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { useMyQuestions, useQuestions } from '../../api/queries';
import type { Question } from '../../api/types';
import { byUrgency } from '../../model/question';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Ago, useNow } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { QuestionView } from './question-view';

/** What waits for a decision, the most urgent first, and beside it what the decision would do. */
export function InboxPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const everybody = search.get('for') === 'everybody';
  const mine = useMyQuestions();
  const all = useQuestions(false);
  const shown = everybody ? all : mine;
  const mineIds = useMemo(() => new Set((mine.data ?? []).map(question => question.id)), [mine.data]);
  const others = (all.data?.length ?? 0) - mineIds.size;
  return (
    <div className="page inbox-page">
      <PageHead title={t('inbox.title')} facts={mine.data && <>{t('inbox.waiting', { count: mineIds.size })}{others > 0 && !everybody && <> · {t('inbox.others', { count: others })}</>}</>}
        actions={<div className="switch" role="group" aria-label={t('app.filter')}>
          <Link to="/inbox" className={everybody ? '' : 'on'} aria-current={everybody ? undefined : 'true'}>{t('inbox.mine')}</Link>
          <Link to="/inbox?for=everybody" className={everybody ? 'on' : ''} aria-current={everybody ? 'true' : undefined}>{t('inbox.everybody')}</Link>
        </div>} />
      <Loaded query={shown}>{questions => <Inbox questions={[...questions].sort(byUrgency)} mine={mineIds} everybody={everybody} />}</Loaded>
    </div>
  );
}

function Inbox({ questions, mine, everybody }: { readonly questions: readonly Question[]; readonly mine: ReadonlySet<string>; readonly everybody: boolean }) {
  const { t } = useTranslation();
  const { id } = useParams();
  const navigate = useNavigate();
  const place = (question: string) => `/inbox/${question}${everybody ? '?for=everybody' : ''}`;
  const index = Math.max(0, questions.findIndex(question => question.id === id));
  const selected = questions.find(question => question.id === id) ?? questions[0];
  const list = useRef<HTMLUListElement>(null);

  // j and k move as in a mail program; not while somebody types.
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || (event.key !== 'j' && event.key !== 'k')) return;
      const next = questions[index + (event.key === 'j' ? 1 : -1)];
      if (next) void navigate(place(next.id));
    };
    document.addEventListener('keydown', press);
    return () => { document.removeEventListener('keydown', press); };
  });
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [selected?.id]);

  if (!selected) return <Empty title={t('inbox.emptyTitle')} text={t('inbox.emptyText')} action={<Link className="button" to="/playbooks">{t('inbox.emptyAction')}</Link>} />;
  return (
    <div className="split">
      <ul className="question-list" aria-label={t('inbox.list')} ref={list}>
        {questions.map(question => (
          <li key={question.id}>
            <Link to={place(question.id)} aria-current={question.id === selected.id ? 'true' : undefined}>
              <span className="question-kind">{t(`kind.${question.kind}`)} · {question.mayAnswer.join(', ')}</span>
              <span className="question-text"><Foreign text={question.text} max={200} /></span>
              <span className="row"><Deadline question={question} />{question.claimedBy !== undefined && <span className="badge">{t('inbox.claimedBy', { who: question.claimedBy })}</span>}{question.fourEyes && <span className="badge">{t('inbox.fourEyes')}</span>}</span>
            </Link>
          </li>
        ))}
      </ul>
      <QuestionView key={selected.id} question={selected} mine={mine.has(selected.id)} />
    </div>
  );
}

export function isTyping(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role=dialog], [role=menu]') !== null);
}

export function Deadline({ question }: { readonly question: Question }) {
  const { t } = useTranslation();
  const now = useNow();
  if (question.until === undefined) return <span className="deadline soft">{t('inbox.noDeadline')}</span>;
  const left = Date.parse(question.until) - now;
  return <span className={`deadline ${left < 15 * 60_000 ? 'bad-text' : left < 60 * 60_000 ? 'warn-text' : 'soft'}`}>{left < 0 ? t('inbox.overdue') : t('inbox.due')} <Ago at={question.until} /></span>;
}
