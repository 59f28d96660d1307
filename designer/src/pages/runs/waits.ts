import { useTranslation } from 'react-i18next';
import type { RunRow } from '../../api/types';
import { useFormat } from '../../parts/format';
import { visible } from '../../parts/value';

/** What a run waits for, in words; empty when it does not. */
export function useWaits(run: RunRow): string {
  const { t } = useTranslation();
  const format = useFormat();
  if (run.status !== 'Waiting') return '';
  const what = [
    ...(run.waitsFor && run.waitsFor.questions > 0 ? [t('runs.questions', { count: run.waitsFor.questions })] : []),
    ...(run.waitsFor && run.waitsFor.runs > 0 ? [t('runs.subRuns', { count: run.waitsFor.runs })] : []),
    ...(run.waitsFor?.signals.map(name => t('runs.signal', { name: visible(name) })) ?? []),
  ];
  if (what.length === 0 && run.wakeAt !== undefined) what.push(t('runs.clock', { when: format.dateTime(run.wakeAt) }));
  return what.length === 0 ? '' : t('runs.waitsFor', { what: what.join(', ') });
}
