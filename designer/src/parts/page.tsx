import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from './problem';

/** A page's head: its title (which is the window's too), facts beside it, actions at the right. */
export function PageHead({ title, facts, actions }: { readonly title: string; readonly facts?: ReactNode; readonly actions?: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => { document.title = `${title} · ${t('app.name')}`; }, [title, t]);
  return (
    <header className="page-head">
      <h1>{title}</h1>
      {facts !== undefined && <div className="facts">{facts}</div>}
      {actions !== undefined && <div className="actions">{actions}</div>}
    </header>
  );
}

interface Answer<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** Shows what was asked for; until then that it loads, and instead of it what went wrong. What is there stays while the connection is lost. */
export function Loaded<T>({ query, children }: { readonly query: Answer<T>; readonly children: (data: T) => ReactNode }) {
  const { t } = useTranslation();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Problem error={query.error} retry={() => { void query.refetch(); }} />;
  return <p className="loading" role="status">{t('app.loading')}</p>;
}

/** Nothing is there yet: why, and what would bring something. */
export function Empty({ title, text, action }: { readonly title: string; readonly text?: string; readonly action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {action}
    </div>
  );
}

export function Section({ title, children, aside }: { readonly title: string; readonly children: ReactNode; readonly aside?: ReactNode }) {
  return (
    <section className="section">
      <h2>{title}{aside !== undefined && <span className="aside">{aside}</span>}</h2>
      {children}
    </section>
  );
}

/** Names and values below each other. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="fact-list">
      {rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}
