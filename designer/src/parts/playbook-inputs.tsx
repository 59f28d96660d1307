import { useTranslation } from 'react-i18next';
import type { Json, PlaybookInput } from '../api/types';
import { TextField } from './field';
import { durationOfText, useFormat } from './format';

export type Typed = Readonly<Record<string, string>>;

/** What was typed, as the server takes it: what is empty is left to the playbook's default. */
export function inputsOf(inputs: readonly PlaybookInput[], typed: Typed): Record<string, Json> {
  return Object.fromEntries(inputs.map(input => [input.name, (typed[input.name] ?? '').trim()] as const).filter(([, text]) => text !== ''));
}

/** A playbook's inputs to fill in. `brought`: an alert goes with it, so that what is taken from one need not be typed. */
export function PlaybookInputs({ inputs, typed, brought = false, onTyped }: { readonly inputs: readonly PlaybookInput[]; readonly typed: Typed; readonly brought?: boolean; readonly onTyped: (typed: Typed) => void }) {
  const { t } = useTranslation();
  if (inputs.length === 0) return <p className="soft">{t('playbook.noInputs')}</p>;
  return <>{inputs.map(input => <OneInput key={input.name} input={input} brought={brought} value={typed[input.name] ?? ''} onValue={value => { onTyped({ ...typed, [input.name]: value }); }} />)}</>;
}

function OneInput({ input, brought, value, onValue }: { readonly input: PlaybookInput; readonly brought: boolean; readonly value: string; readonly onValue: (value: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const type = input.type.replace('?', '');
  const shape = type === 'TimeSpan' ? t('playbook.format.duration') : type === 'IpAddress' ? t('playbook.format.address') : type;
  const given = input.defaultJson === undefined ? undefined : shownDefault(input.defaultJson, format.length);
  const required = input.defaultJson === undefined && !(brought && input.from !== undefined);
  const help = [input.description, shape, ...(given === undefined ? [] : [t('playbook.default', { value: given })]), ...(input.from === undefined ? [] : [t('playbook.fromAlert')])].filter(part => part !== '').join(' · ');
  return <TextField label={required ? input.name : `${input.name} (${t('app.optional')})`} help={help} value={value} onValue={onValue} required={required} autoComplete="off" placeholder={given} />;
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
