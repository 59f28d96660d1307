import { useTranslation } from 'react-i18next';
import type { Json } from '../api/types';
import { durationOfText, useFormat } from './format';

const longText = 4_000;
const manyItems = 50;

/** A value from outside, always as text: no markup in it means anything, and control characters are made visible. */
export function Value({ value }: { readonly value: Json | undefined }) {
  const { t } = useTranslation();
  if (value === undefined || value === null) return <span className="soft">{t('run.noOutput')}</span>;
  if (Array.isArray(value)) return <List items={value as readonly Json[]} />;
  if (typeof value === 'object') return <Fields value={value as { readonly [name: string]: Json }} />;
  return <Plain value={value} />;
}

function Plain({ value }: { readonly value: string | number | boolean }) {
  const format = useFormat();
  if (typeof value !== 'string') return <span className="value tabular">{String(value)}</span>;
  const duration = durationOfText(value);
  if (duration !== undefined && Math.abs(duration) < 1e12) return <span className="value" title={value}>{format.length(Math.abs(duration))}</span>;
  return <Foreign text={value} />;
}

/** Text that somebody else wrote. Directions and control characters cannot change how the text around it reads. */
export function Foreign({ text, max = longText }: { readonly text: string; readonly max?: number }) {
  const shown = text.length > max ? `${text.slice(0, max)}…` : text;
  return <bdi className="value">{visible(shown)}</bdi>;
}

/** Control, direction and invisible characters as their code: `‹202E›`. Line ends and tabs stay. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g, character => `‹${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

function Fields({ value }: { readonly value: { readonly [name: string]: Json } }) {
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return (
    <dl className="fields">
      {entries.slice(0, manyItems).map(([name, inner]) => <div key={name}><dt>{visible(name)}</dt><dd><Value value={inner} /></dd></div>)}
      {entries.length > manyItems && <div><dt>…</dt><dd>+{entries.length - manyItems}</dd></div>}
    </dl>
  );
}

function List({ items }: { readonly items: readonly Json[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return <span className="soft">{t('app.none')}</span>;
  return (
    <ol className="values">
      {items.slice(0, manyItems).map((item, i) => <li key={i}><Value value={item} /></li>)}
      {items.length > manyItems && <li>+{items.length - manyItems}</li>}
    </ol>
  );
}
