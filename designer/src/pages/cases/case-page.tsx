import { Tabs } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { useCase, type CaseView } from '../../api/cases';
import { Loaded, PageHead, Section } from '../../parts/page';
import { Severity, TlpBadge } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { ContainmentsTable } from '../containments/containments-table';
import { RunsTable } from '../runs/runs-table';
import { CaseActions } from './case-actions';
import { CaseAlerts, RelatedCases } from './case-alerts';
import { CaseDesk } from './case-desk';
import { Evidence, Observables } from './case-finds';
import { CaseNotes } from './case-notes';
import { CaseBadges, CasePill } from './case-pill';
import { CaseTasks } from './case-tasks';
import { CaseTimeline } from './case-timeline';

export function CasePage() {
  const { id = '' } = useParams();
  return <Loaded query={useCase(id)}>{view => <OneCase key={view.case.id} view={view} />}</Loaded>;
}

const tabs = ['work', 'timeline', 'finds'] as const;

/** A case: what stands about it, what people do in it, everything that happened, and what its alerts and runs brought. */
function OneCase({ view }: { readonly view: CaseView }) {
  const { t } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const file = view.case;
  const tab = tabs.find(each => each === search.get('show')) ?? 'work';
  const counts = { work: view.tasks.filter(task => task.doneAt === undefined).length, timeline: undefined, finds: view.alerts.length + view.runs.length };
  return (
    <div className="page">
      <PageHead title={t('case.title', { number: file.number })} facts={<><CasePill file={file} /><CaseBadges file={file} /><Severity value={file.severity} /><TlpBadge tlp={file.tlp} /><span>{t('cases.opened')} <Ago at={file.openedAt} /></span><span>{file.openedBy}</span></>}
        actions={file.mergedInto === undefined && <CaseActions view={view} />} />
      <p className="big"><Foreign text={file.title} /></p>
      {file.mergedInto !== undefined && <p className="warn-note"><Link to={`/cases/${file.mergedInto}`}>{t('case.mergedInto', { number: file.mergedInto })}</Link></p>}
      {file.heldAt !== undefined && <p className="warn-note">{t('case.heldBy', { who: file.heldBy ?? '' })} <Ago at={file.heldAt} />: <Foreign text={file.holdReason ?? ''} /></p>}
      <CaseDesk file={file} />
      <Tabs.Root value={tab} onValueChange={value => { setSearch(value === 'work' ? {} : { show: value }, { replace: true }); }}>
        <Tabs.List className="tabs plain" aria-label={t('case.parts')}>
          {tabs.map(each => <Tabs.Trigger key={each} value={each}>{t(`case.tab.${each}`)} {counts[each] !== undefined && counts[each] > 0 && <span className="soft">{counts[each]}</span>}</Tabs.Trigger>)}
        </Tabs.List>
        <Tabs.Content value="work" className="case-tab">
          <div className="columns">
            <div><CaseTasks view={view} /><Section title={t('case.observables')}>{view.observables.length === 0 ? <p className="soft">{t('case.noObservables')}</p> : <Observables seen={view.observables} />}</Section>
              <Section title={t('case.evidence')}>{view.evidence.length === 0 ? <p className="soft">{t('case.noEvidence')}</p> : <Evidence view={view} />}</Section></div>
            <CaseNotes view={view} />
          </div>
        </Tabs.Content>
        <Tabs.Content value="timeline" className="case-tab"><CaseTimeline id={file.id} /></Tabs.Content>
        <Tabs.Content value="finds" className="case-tab stack">
          <Section title={t('alerts.title')}>{view.alerts.length === 0 ? <p className="soft">{t('case.noAlerts')}</p> : <CaseAlerts alerts={view.alerts} />}</Section>
          <Section title={t('case.runs')}>{view.runs.length === 0 ? <p className="soft">{t('case.noRuns')}</p> : <RunsTable runs={view.runs} />}</Section>
          <Section title={t('case.containments')}>{view.containments.length === 0 ? <p className="soft">{t('case.noContainments')}</p> : <ContainmentsTable containments={view.containments} />}</Section>
          <Section title={t('case.related')}>{view.related.length === 0 ? <p className="soft">{t('case.noRelated')}</p> : <RelatedCases related={view.related} />}</Section>
        </Tabs.Content>
      </Tabs.Root>
    </div>
  );
}
