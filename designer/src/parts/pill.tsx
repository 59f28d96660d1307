import { useTranslation } from 'react-i18next';
import type { AlertState, ContainmentStatus, Json, RunMode, RunStatus } from '../api/types';
import type { Mark } from '../model/run-state';
import { Icon, type IconName } from './icon';
import { visible } from './value';

type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'plain';

/** A state in a word, with a sign besides its colour. */
export function Pill({ tone, icon, children }: { readonly tone: Tone; readonly icon: IconName; readonly children: string }) {
  return <span className={`pill ${tone}`}><Icon name={icon} size={12} />{children}</span>;
}

const runs: Record<RunStatus, readonly [Tone, IconName]> = {
  Running: ['busy', 'play'], Waiting: ['warn', 'clock'], Paused: ['warn', 'pause'], Completed: ['good', 'check'], Failed: ['bad', 'cross'], Cancelled: ['plain', 'stop'], Quarantined: ['bad', 'stop'], Parked: ['bad', 'pause'],
};

export function RunPill({ status }: { readonly status: RunStatus }) {
  const { t } = useTranslation();
  const [tone, icon] = runs[status];
  return <Pill tone={tone} icon={icon}>{t(`status.${status}`)}</Pill>;
}

export const markLooks: Record<Mark, readonly [Tone, IconName]> = {
  done: ['good', 'check'], running: ['busy', 'play'], waiting: ['warn', 'clock'], retrying: ['warn', 'retry'], failed: ['bad', 'cross'], unknown: ['bad', 'question'], cancelled: ['plain', 'stop'],
};

export function MarkPill({ mark }: { readonly mark: Mark }) {
  const { t } = useTranslation();
  const [tone, icon] = markLooks[mark];
  return <Pill tone={tone} icon={icon}>{t(`mark.${mark}`)}</Pill>;
}

const containments: Record<ContainmentStatus, readonly [Tone, IconName]> = {
  Pending: ['busy', 'play'], Active: ['warn', 'containments'], Found: ['plain', 'containments'], Lifting: ['busy', 'play'], Lifted: ['good', 'check'], Unknown: ['bad', 'question'], LiftFailed: ['bad', 'cross'],
};

export function ContainmentPill({ status }: { readonly status: ContainmentStatus }) {
  const { t } = useTranslation();
  const [tone, icon] = containments[status];
  return <Pill tone={tone} icon={icon}>{t(`containment.${status}`)}</Pill>;
}

const alerts: Record<AlertState, readonly [Tone, IconName]> = { Waiting: ['busy', 'clock'], Started: ['good', 'check'], NoTrigger: ['plain', 'minus'], Failed: ['bad', 'cross'], Duplicate: ['plain', 'minus'], Suppressed: ['plain', 'minus'] };

export function AlertPill({ state }: { readonly state: AlertState }) {
  const { t } = useTranslation();
  const [tone, icon] = alerts[state];
  return <Pill tone={tone} icon={icon}>{t(`alertState.${state}`)}</Pill>;
}

export function ModeBadge({ mode }: { readonly mode: RunMode }) {
  const { t } = useTranslation();
  return mode === 'Live' ? null : <span className="badge">{t(mode === 'DryRun' ? 'runs.dryRun' : 'runs.test')}</span>;
}

/** 0–100 with a bar: number and length say the same as the colour. */
export function Severity({ value }: { readonly value: number }) {
  const { t } = useTranslation();
  if (value <= 0) return <span className="soft">{t('severity.unset')}</span>;
  const level = value >= 80 ? 'critical' : value >= 60 ? 'high' : value >= 30 ? 'medium' : 'low';
  return <span className={`severity ${level}`}><meter min={0} max={100} value={value} aria-hidden="true" /><span className="tabular">{value}</span></span>;
}

export function TlpBadge({ tlp }: { readonly tlp: string }) {
  const words = tlp === 'AmberStrict' ? 'AMBER+STRICT' : tlp.toUpperCase();
  return <span className={`tlp ${tlp.toLowerCase()}`}>TLP:{words}</span>;
}

/** How a run ended, in the playbook's words. */
export function Result({ result }: { readonly result: Json | undefined }) {
  const { t } = useTranslation();
  if (result === null || typeof result !== 'object' || Array.isArray(result)) return null;
  const fields = result as { readonly [name: string]: Json };
  if (typeof fields.message === 'string') return <span className="bad-text">{visible(fields.message)}</span>;
  if (typeof fields.kind !== 'string') return null;
  const kind = fields.kind as 'Completed';
  return <span>{t(`outcome.${kind}`, { defaultValue: fields.kind })}{typeof fields.reason === 'string' && <>: <bdi>{visible(fields.reason)}</bdi></>}</span>;
}
