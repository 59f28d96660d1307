import { useTranslation } from 'react-i18next';
import type { KillSwitch } from '../../api/switches';

/** What a switch holds, in words. */
export function useScope(): (held: Pick<KillSwitch, 'connector' | 'effect' | 'playbook'>) => string {
  const { t } = useTranslation();
  return held => [
    held.effect === undefined ? t('switches.everyEffect') : t('switches.oneEffect', { effect: t(`effect.${held.effect}`) }),
    ...(held.connector === undefined ? [] : [t('switches.at', { connector: held.connector })]),
    ...(held.playbook === undefined ? [] : [t('switches.of', { playbook: held.playbook })]),
  ].join(' ');
}
