import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useStartRun } from '../../api/queries';
import type { Json, PlaybookHeader, PlaybookInput } from '../../api/types';
import { Dialog } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { durationOfText, useFormat } from '../../parts/format';
import { Problem } from '../../parts/problem';

/** Starts a run with a form of its inputs. A dry run is the first choice: it touches nothing. */
export function RunDialog({ name, header, onClose }: { readonly name: string; readonly header: PlaybookHeader; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartRun();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [dry, setDry] = useState(true);
  const send = () => {
    const inputs: Record<string, Json> = {};
    for (const input of header.inputs) {
      const text = (typed[input.name] ?? '').trim();
      if (text !== '') inputs[input.name] = text;
    }
    start.send({ playbook: name, inputs, mode: dry ? 'DryRun' : 'Live' }, ({ id }) => { void navigate(`/runs/${id}`); });
  };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('playbook.runTitle', { name })} text={header.summary}>
      <form onSubmit={event => { event.preventDefault(); send(); }}>
        {start.error && <Problem error={start.error} />}
        {header.inputs.length === 0 && <p className="soft">{t('playbook.noInputs')}</p>}
        {header.inputs.map((input, i) => <Input key={input.name} input={input} first={i === 0} value={typed[input.name] ?? ''} onValue={value => { setTyped({ ...typed, [input.name]: value }); }} />)}
        <fieldset className="modes">
          <legend>{t('playbook.mode')}</legend>
          <label className="check"><input type="radio" name="mode" checked={dry} onChange={() => { setDry(true); }} /><span><strong>{t('playbook.dryRun')}</strong><br /><span className="soft">{t('playbook.dryRunHelp')}</span></span></label>
          <label className="check"><input type="radio" name="mode" checked={!dry} onChange={() => { setDry(false); }} /><span><strong>{t('playbook.live')}</strong><br /><span className="soft">{t('playbook.liveHelp')}</span></span></label>
        </fieldset>
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.cancel')}</button>
          <button className="button primary" disabled={start.isPending}>{dry ? t('playbook.startDry') : t('playbook.start')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Input({ input, first, value, onValue }: { readonly input: PlaybookInput; readonly first: boolean; readonly value: string; readonly onValue: (value: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const type = input.type.replace('?', '');
  const shape = type === 'TimeSpan' ? t('playbook.format.duration') : type === 'IpAddress' ? t('playbook.format.address') : type;
  const given = input.defaultJson === undefined ? undefined : shownDefault(input.defaultJson, format.length);
  const required = input.defaultJson === undefined;
  const help = [input.description, shape, ...(given === undefined ? [] : [t('playbook.default', { value: given })]), ...(input.from === undefined ? [] : [t('playbook.fromAlert')])].filter(part => part !== '').join(' · ');
  return <TextField label={required ? input.name : `${input.name} (${t('app.optional')})`} help={help} value={value} onValue={onValue} required={required} autoFocus={first} autoComplete="off" placeholder={given} />;
}

function shownDefault(json: string, length: (milliseconds: number) => string): string {
  try {
    const value = JSON.parse(json) as unknown;
    const duration = typeof value === 'string' ? durationOfText(value) : undefined;
    return duration !== undefined ? length(duration) : typeof value === 'string' ? value : json;
  } catch {
    return json;
  }
}
