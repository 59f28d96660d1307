import { useTranslation } from 'react-i18next';
import { useAllowEffects, type KillSwitch } from '../../api/switches';
import { notify } from '../../parts/notices';
import { ReasonDialog } from '../../parts/reason-dialog';
import { useScope } from './switch-words';

/** Allows effects again: what was held goes on at once, so how much that is stands there. */
export function AllowDialog({ held, onClose }: { readonly held: KillSwitch; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const scope = useScope();
  const allow = useAllowEffects();
  return (
    <ReasonDialog title={t('switches.allowTitle')} text={`${scope(held)}. ${held.held.length === 0 ? t('switches.nothingHeld') : t('switches.goesOn', { count: held.held.length })}`} button={t('switches.allow')} label={t('switches.reason')} change={allow} onClose={onClose}
      onReason={reason => { allow.send({ id: held.id, reason }, () => { notify(t('switches.allowed')); onClose(); }); }} />
  );
}
