import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMay } from '../api/queries';
import { useSwitches } from '../api/switches';
import { Icon } from '../parts/icon';
import { Ago } from '../parts/time';
import { Foreign } from '../parts/value';
import { useScope } from '../pages/switches/switch-words';

const StopDialog = lazy(async () => ({ default: (await import('../pages/switches/stop-dialog')).StopDialog }));

/** Whether effects are allowed, on every page; from here they are stopped. */
export function KillSwitchSign() {
  const { t } = useTranslation();
  const on = useSwitches(false).data?.length ?? 0;
  const mayStop = useMay('StopEffects');
  const [stopping, setStopping] = useState(false);
  const state = on === 0 ? t('switches.effectsAllowed') : t('switches.effectsStopped', { count: on });
  return (
    <div className={`kill-switch ${on === 0 ? '' : 'stopped'}`}>
      <Link to="/kill-switches" aria-label={`${t('switches.title')}: ${state}`} title={state}><Icon name={on === 0 ? 'check' : 'stop'} size={14} /><span className="nav-text">{state}</span></Link>
      {mayStop && <button type="button" className="button small bad" aria-label={t('switches.stop')} onClick={() => { setStopping(true); }}><Icon name="stop" size={12} /><span className="nav-text">{t('switches.stopShort')}</span></button>}
      {stopping && <Suspense fallback={null}><StopDialog onClose={() => { setStopping(false); }} /></Suspense>}
    </div>
  );
}

/** While effects are stopped every page says so: what, who, why, since when. */
export function KillSwitchBanner() {
  const { t } = useTranslation();
  const scope = useScope();
  const switches = useSwitches(false).data ?? [];
  const newest = switches[0];
  if (newest === undefined) return null;
  return (
    <p className="banner stopped" role="status">
      <Icon name="stop" size={13} /> <strong>{t('switches.bannerStopped')}</strong> {scope(newest)}. {newest.by}, <Ago at={newest.since} />: <Foreign text={newest.reason} max={160} /> <Link to="/kill-switches">{switches.length > 1 ? t('switches.others', { count: switches.length - 1 }) : t('switches.show')}</Link>
    </p>
  );
}
