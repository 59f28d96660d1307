import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { useIdentity, usePlaybook, useRuns } from '../../api/queries';
import type { PlaybookView, TriggerHeader } from '../../api/types';
import { readDiagram, type DiagramHeader } from '../../model/diagram';
import { spanOf, thingAt } from '../../model/spans';
import { CodeView } from '../../parts/code-view';
import { Icon } from '../../parts/icon';
import { Loaded, PageHead, Section } from '../../parts/page';
import { TlpBadge } from '../../parts/pill';
import { Ago } from '../../parts/time';
import { RunsTable } from '../runs/runs-table';
import { Check, Starts } from './playbooks-page';
import { RunDialog } from './run-dialog';
import { UsedBy } from './used-by';
import { VersionsSection } from './versions/versions-section';

const Editor = lazy(async () => ({ default: (await import('./editor/editor')).Editor }));
const DiagramCanvas = lazy(async () => ({ default: (await import('../../canvas/diagram-canvas')).DiagramCanvas }));

export function PlaybookPage() {
  const { name = '' } = useParams();
  return <Loaded query={usePlaybook(name)}>{playbook => <Playbook key={name} playbook={playbook} />}</Loaded>;
}

/** One playbook, two views side by side: the picture and the C# that it is. What is selected in one is selected in the other. */
function Playbook({ playbook }: { readonly playbook: PlaybookView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const diagram = useMemo(() => readDiagram(playbook.graph), [playbook.graph]);
  const [selected, setSelected] = useState<string>();
  const [running, setRunning] = useState(false);
  const [editing, setEditing] = useState(false);
  const [drafted, setDrafted] = useState<HeadFacts>();
  const head: HeadFacts | undefined = editing && drafted ? drafted : playbook.header;
  const span = selected === undefined ? undefined : spanOf(diagram, selected);
  const permissions = useIdentity().data?.permissions;
  const mayStart = permissions?.includes('StartRuns') ?? false;
  const mayEdit = permissions?.includes('EditPlaybooks') ?? false;
  const errors = playbook.diagnostics.filter(finding => finding.severity === 'Error').length;
  return (
    <div className="page playbook-page">
      <PageHead title={playbook.name} facts={head && <>
        <span>{head.version}</span><span className="badge">{head.type}</span><TlpBadge tlp={head.tlp} /><Starts triggers={head.triggers} /><Check errors={errors} warnings={playbook.diagnostics.length - errors} />{playbook.differs && <span className="pill warn" title={t('versions.differsText')}>{t('versions.differs')}</span>}
      </>} actions={<>
        {mayEdit && !editing && <button type="button" className="button" onClick={() => { setEditing(true); }}>{t('editor.edit')}</button>}
        {mayStart && playbook.header && <button type="button" className="button primary" disabled={errors > 0} onClick={() => { setRunning(true); }}><Icon name="play" size={14} />{t('playbook.run')}</button>}
      </>} />
      {!editing && playbook.draft && <p className="draft-note" role="note"><Icon name="user" size={14} /> {t('draft.stands', { name: playbook.draft.savedBy, version: playbook.draft.version })} <Ago at={playbook.draft.savedAt} /></p>}
      {editing ? <Suspense fallback={<p className="loading">{t('app.loading')}</p>}><Editor playbook={playbook} onHeader={header => { setDrafted(factsOf(header)); }} onClose={() => { setEditing(false); void client.invalidateQueries({ queryKey: ['playbook', playbook.name] }); }} /></Suspense> : <div className="designer">
        <Suspense fallback={<p className="loading">{t('app.loading')}</p>}><DiagramCanvas diagram={diagram} selected={selected} onSelect={setSelected} /></Suspense>
        <div className="code-side">
          <div className="code-head"><span>{playbook.file}</span><span className="soft">{t('playbook.hint')}</span></div>
          <CodeView source={playbook.source} label={`${t('playbook.code')}: ${playbook.file}`} selection={span} diagnostics={playbook.diagnostics} onPosition={position => { setSelected(thingAt(diagram, position)); }} />
          {playbook.diagnostics.length > 0 && <Findings playbook={playbook} />}
        </div>
      </div>}
      {/* Who edits needs the room. */}
      {!editing && <><VersionsSection name={playbook.name} /><UsedBy name={playbook.name} /><Recent name={playbook.name} /></>}
      {running && playbook.header && <RunDialog name={playbook.name} header={playbook.header} onClose={() => { setRunning(false); }} />}
    </div>
  );
}

interface HeadFacts {
  readonly version: string;
  readonly type: string;
  readonly tlp: string;
  readonly triggers: readonly Pick<TriggerHeader, 'kind'>[];
}

/** While somebody edits, the page's head says what the text says: a draft that travels less far must not stand under the old word. */
function factsOf({ version, type, tlp, triggers }: DiagramHeader): HeadFacts {
  return { version, type, tlp, triggers: triggers.map(text => ({ kind: (/^On\.(\w+)/.exec(text)?.[1]?.toLowerCase() ?? 'alert') as TriggerHeader['kind'] })) };
}

function Findings({ playbook }: { readonly playbook: PlaybookView }) {
  const { t } = useTranslation();
  return (
    <ul className="findings" aria-label={t('playbook.findings')}>
      {playbook.diagnostics.map((finding, i) => (
        <li key={i} className={finding.severity.toLowerCase()}><code>{finding.code}</code> <span className="soft">{t('playbook.line', { line: finding.line })}</span> {finding.message} <span className="soft">{finding.remedy}</span></li>
      ))}
    </ul>
  );
}

function Recent({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const rows = useRuns({ playbook: name }).data?.pages[0]?.runs ?? [];
  return rows.length === 0 ? null : <Section title={t('playbook.recentRuns')}><RunsTable runs={rows.slice(0, 8)} bare /></Section>;
}
