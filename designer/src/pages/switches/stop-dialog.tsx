import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnectors } from '../../api/connectors';
import { useMay, usePlaybooks } from '../../api/queries';
import { stoppable, useStopEffects, type StoppableEffect } from '../../api/switches';
import { Field } from '../../parts/field';
import { notify } from '../../parts/notices';
import { ReasonDialog } from '../../parts/reason-dialog';

/** Stops effects: all of them unless something is named. When it is answered, none that it holds begins any more. */
export function StopDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const stop = useStopEffects();
  const connectors = useConnectors(useMay('ReadConnectors')).data ?? [];
  const playbooks = usePlaybooks().data ?? [];
  const [connector, setConnector] = useState('');
  const [effect, setEffect] = useState<StoppableEffect | ''>('');
  const [playbook, setPlaybook] = useState('');
  const send = (reason: string) => {
    stop.send({ reason, ...(connector === '' ? {} : { connector }), ...(effect === '' ? {} : { effect }), ...(playbook === '' ? {} : { playbook }) }, () => {
      notify(t('switches.stopped'));
      onClose();
    });
  };
  return (
    <ReasonDialog title={t('switches.stopTitle')} text={t('switches.stopText')} button={t('switches.stop')} label={t('switches.reason')} tone="bad" change={stop} onReason={send} onClose={onClose}>
      <div className="row top">
        <Pick label={t('switches.effect')} value={effect} all={t('switches.allEffects')} options={stoppable.map(each => [each, t(`effect.${each}`)])} onValue={value => { setEffect(value as StoppableEffect | ''); }} />
        {connectors.length > 0 && <Pick label={t('switches.connector')} value={connector} all={t('switches.everywhere')} options={connectors.map(each => [each.name, each.name])} onValue={setConnector} />}
        <Pick label={t('runs.playbook')} value={playbook} all={t('runs.anyPlaybook')} options={playbooks.map(each => [each.name, each.name])} onValue={setPlaybook} />
      </div>
    </ReasonDialog>
  );
}

function Pick({ label, value, all, options, onValue }: { readonly label: string; readonly value: string; readonly all: string; readonly options: readonly (readonly [string, string])[]; readonly onValue: (value: string) => void }) {
  return <Field label={label}>{id => <select id={id} className="input" value={value} onChange={event => { onValue(event.target.value); }}><option value="">{all}</option>{options.map(([option, text]) => <option key={option} value={option}>{text}</option>)}</select>}</Field>;
}
