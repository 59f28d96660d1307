import { useTranslation } from 'react-i18next';
import type { FiringState } from '../../api/schedules';
import { Pill } from '../../parts/pill';

export const firingLooks = { Due: ['busy', 'clock'], Queued: ['warn', 'clock'], Started: ['good', 'play'], Skipped: ['plain', 'minus'], Failed: ['bad', 'cross'] } as const;

export function FiringPill({ state }: { readonly state: FiringState }) {
  const { t } = useTranslation();
  const [tone, icon] = firingLooks[state];
  return <Pill tone={tone} icon={icon}>{t(`schedules.state.${state}`)}</Pill>;
}
