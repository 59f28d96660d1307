import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from './format';

// One clock for the page: every relative time moves on at the same moment.
const watchers = new Set<() => void>();
let now = Date.now();
let ticking: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    now = Date.now();
    for (const each of watchers) each();
  }, 5_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

export const useNow = () => useSyncExternalStore(watch, () => now);

/** A moment: how far it is, with the exact time when one points at it. */
export function Ago({ at }: { readonly at: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const current = Math.max(useNow(), Date.now() - 5_000);
  if (at === undefined) return <span className="soft">{t('time.unset')}</span>;
  return <time dateTime={at} title={format.dateTime(at)}>{Math.abs(Date.parse(at) - current) < 5_000 ? t('time.now') : format.relative(at, current)}</time>;
}

/** The exact moment. */
export function At({ at }: { readonly at: string }) {
  const format = useFormat();
  return <time dateTime={at} className="tabular">{format.dateTime(at)}</time>;
}

/** How long something took, or has been going on for. */
export function Elapsed({ from, to }: { readonly from: string; readonly to: string | undefined }) {
  const format = useFormat();
  const [current, setCurrent] = useState(Date.now);
  useEffect(() => {
    if (to !== undefined) return;
    const timer = setInterval(() => { setCurrent(Date.now()); }, 1_000);
    return () => { clearInterval(timer); };
  }, [to]);
  return <span className="tabular">{format.length(Math.max(0, (to === undefined ? current : Date.parse(to)) - Date.parse(from)))}</span>;
}
