import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCaseTimeline, type CaseEvent } from '../../api/cases';
import { Choice } from '../../parts/field';
import type { IconName } from '../../parts/icon';
import { Icon } from '../../parts/icon';
import { Loaded } from '../../parts/page';
import { At } from '../../parts/time';
import { Foreign } from '../../parts/value';

const icons: Readonly<Record<string, IconName>> = { opened: 'plus', alert: 'alerts', note: 'audit', 'run started': 'play', 'run ended': 'runs', observable: 'search', evidence: 'audit', containment: 'containments', task: 'check', owner: 'user', status: 'cases', declared: 'bolt', hold: 'pause', merged: 'link', split: 'link' };

const sorts = ['people', 'playbooks', 'alerts'] as const;
type Sort = (typeof sorts)[number];

const sortOf = (event: CaseEvent): Sort => event.what === 'alert' ? 'alerts' : event.run !== undefined || event.who.startsWith('run ') ? 'playbooks' : 'people';

/** Everything that happened, newest first: what people did, what came in, what runs did. */
export function CaseTimeline({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const [sort, setSort] = useState<Sort | ''>('');
  return (
    <Loaded query={useCaseTimeline(id)}>{events => {
      const shown = [...events].reverse().filter(event => sort === '' || sortOf(event) === sort);
      return (
        <>
          <div className="row"><Choice label={t('app.filter')} value={sort} onValue={setSort} options={[['', t('case.everything')], ...sorts.map(each => [each, t(`case.sort.${each}`)] as const)]} /><span className="soft">{t('case.events', { count: shown.length })}</span></div>
          <ol className="case-timeline">{shown.map((event, i) => <li key={i}><Happened event={event} /></li>)}</ol>
        </>
      );
    }}</Loaded>
  );
}

function Happened({ event }: { readonly event: CaseEvent }) {
  const { t } = useTranslation();
  const what = event.what.replaceAll(' ', '-') as 'opened';
  return (
    <>
      <At at={event.at} />
      <span className="soft"><Icon name={icons[event.what] ?? 'more'} size={14} /></span>
      <div>
        <strong>{t(`caseEvent.${what}`, { defaultValue: event.what })}</strong> <span className="soft">{event.who.startsWith('run ') ? '' : event.who}</span>{' '}
        {(event.old !== undefined || event.new !== undefined) && <span><Foreign text={event.old ?? '–'} max={200} /> → <Foreign text={event.new ?? '–'} max={200} /></span>}{' '}
        {event.text !== '' && <Foreign text={event.text} max={600} />}{' '}
        {event.run !== undefined && <Link to={`/runs/${event.run}`}>{t('inbox.run')} <code>{event.run.slice(-8)}</code></Link>}
        {event.alert !== undefined && <Link to={`/alerts/${event.alert}`}>{t('alert.title', { number: event.alert })}</Link>}
      </div>
    </>
  );
}
