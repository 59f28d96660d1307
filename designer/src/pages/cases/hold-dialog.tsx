import { useTranslation } from 'react-i18next';
import { useHoldCase, type CaseFile } from '../../api/cases';
import { notify } from '../../parts/notices';
import { ReasonDialog } from '../../parts/reason-dialog';

/** A hold keeps everything that belongs to the case, whatever the settings say; only an administrator ends it. */
export function HoldDialog({ file, hold, onClose }: { readonly file: CaseFile; readonly hold: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const change = useHoldCase(file.id);
  const word = hold ? 'hold' : 'release';
  return (
    <ReasonDialog title={t(`case.${word}Title`, { number: file.number })} text={t(`case.${word}Text`)} button={t(`case.action.${word}`)} label={t('case.holdReason')} change={change} onClose={onClose}
      onReason={reason => { change.send({ hold, reason }, () => { notify(t('run.changed')); onClose(); }); }} />
  );
}
