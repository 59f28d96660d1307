import { useTranslation } from 'react-i18next';
import type { CaseFile, CaseStatus } from '../../api/cases';
import type { IconName } from '../../parts/icon';
import { Pill } from '../../parts/pill';

const looks: Record<CaseStatus, readonly ['good' | 'warn' | 'busy' | 'plain', IconName]> = { New: ['busy', 'bolt'], Open: ['warn', 'cases'], Contained: ['good', 'containments'], Closed: ['plain', 'check'] };

/** Where a case stands; of a closed one, how it came out. */
export function CasePill({ file }: { readonly file: CaseFile }) {
  const { t } = useTranslation();
  const [tone, icon] = looks[file.status];
  return <Pill tone={tone} icon={icon}>{file.resolution === undefined ? t(`caseStatus.${file.status}`) : `${t(`caseStatus.${file.status}`)}: ${t(`resolution.${file.resolution}`)}`}</Pill>;
}

/** That it was declared an incident, and that nothing of it may be removed. */
export function CaseBadges({ file }: { readonly file: CaseFile }) {
  const { t } = useTranslation();
  return <>{file.declaredAt !== undefined && <span className="badge incident">{t('case.incident')}</span>}{file.heldAt !== undefined && <span className="badge">{t('case.onHold')}</span>}</>;
}
