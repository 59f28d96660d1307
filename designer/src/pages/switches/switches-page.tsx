import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useMay } from '../../api/queries';
import { useSwitches, type HeldEffect, type KillSwitch } from '../../api/switches';
import { Icon } from '../../parts/icon';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Pill } from '../../parts/pill';
import { Ago, At } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { AllowDialog } from './allow-dialog';
import { StopDialog } from './stop-dialog';
import { useScope } from './switch-words';

/** Kill switches: what they hold, who turned them on and why; turning one on and off. */
export function SwitchesPage() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const all = search.get('all') === 'true';
  const [stopping, setStopping] = useState(false);
  const [allowing, setAllowing] = useState<KillSwitch>();
  const mayStop = useMay('StopEffects');
  return (
    <div className="page">
      <PageHead title={t('switches.title')} actions={<>
        <div className="switch" role="group" aria-label={t('app.filter')}>
          <Link to="/kill-switches" className={all ? '' : 'on'} aria-current={all ? undefined : 'true'}>{t('switches.on')}</Link>
          <Link to="/kill-switches?all=true" className={all ? 'on' : ''} aria-current={all ? 'true' : undefined}>{t('switches.all')}</Link>
        </div>
        {mayStop && <button type="button" className="button bad" onClick={() => { setStopping(true); }}><Icon name="stop" size={14} />{t('switches.stop')}</button>}
      </>} />
      <Loaded query={useSwitches(all)}>{switches => switches.length === 0 ? <Empty title={t('switches.emptyTitle')} text={t('switches.emptyText')} />
        : <ul className="cards">{switches.map(one => <li key={one.id}><OneSwitch one={one} onAllow={() => { setAllowing(one); }} /></li>)}</ul>}</Loaded>
      {stopping && <StopDialog onClose={() => { setStopping(false); }} />}
      {allowing && <AllowDialog held={allowing} onClose={() => { setAllowing(undefined); }} />}
    </div>
  );
}

function OneSwitch({ one, onAllow }: { readonly one: KillSwitch; readonly onAllow: () => void }) {
  const { t } = useTranslation();
  const scope = useScope();
  const mayAllow = useMay('AllowEffects');
  const on = one.liftedAt === undefined;
  return (
    <article className={`review-card ${on ? 'on' : ''}`}>
      <div className="row"><Pill tone={on ? 'bad' : 'plain'} icon={on ? 'stop' : 'check'}>{t(on ? 'switches.isOn' : 'switches.isOff')}</Pill><strong>{scope(one)}</strong>
        {on && mayAllow && <button type="button" className="button small end" onClick={onAllow}>{t('switches.allow')}</button>}</div>
      <p>{one.by}, <At at={one.since} /> (<Ago at={one.since} />): <Foreign text={one.reason} max={2000} /></p>
      {one.liftedAt !== undefined && <p className="soft">{t('switches.liftedBy', { who: one.liftedBy ?? '' })} <Ago at={one.liftedAt} />: <Foreign text={one.liftReason ?? ''} max={2000} /></p>}
      {one.held.length > 0 && <details><summary>{t('switches.held', { count: one.held.length })}</summary><Held held={one.held} /></details>}
    </article>
  );
}

function Held({ held }: { readonly held: readonly HeldEffect[] }) {
  const { t } = useTranslation();
  return (
    <table className="table">
      <thead><tr><th>{t('containments.action')}</th><th>{t('containments.on')}</th><th>{t('runs.playbook')}</th><th>{t('runs.run')}</th><th>{t('containments.since')}</th></tr></thead>
      <tbody>{held.slice(0, 200).map(one => <tr key={`${one.run}-${one.path}`}><td><code>{one.action}</code></td><td>{one.instance}</td><td>{one.playbook}</td><td><Link to={`/runs/${one.run}`}><code>{one.run.slice(-8)}</code></Link></td><td><Ago at={one.since} /></td></tr>)}</tbody>
    </table>
  );
}
