import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from '@tanstack/react-query';
import { testDraft } from '../../../api/editor';
import type { Diagram } from '../../../model/diagram';
import { Icon } from '../../../parts/icon';
import { Pill } from '../../../parts/pill';
import { Problem } from '../../../parts/problem';
import { thingAt } from '../../../model/spans';

/** The tests beside the playbook, done with what stands in the editor; the ways that they took, as long as it stands there. */
export function useDraftTests(playbook: string, text: string) {
  const run = useMutation({ mutationFn: async (source: string) => ({ text, ...await testDraft(playbook, source) }) });
  const isSame = run.data?.text === text;
  const taken = useMemo(() => run.data && isSame && run.data.file !== undefined ? new Set(run.data.taken) : undefined, [run.data, isSame]);
  return { run, isSame, taken };
}

interface TestsProps {
  readonly tests: ReturnType<typeof useDraftTests>;
  readonly diagram: Diagram;
  readonly source: string;
  readonly errors: boolean;
  readonly onSelect: (id: string | undefined) => void;
}

export function TestsPanel({ tests: { run, isSame }, diagram, source, errors, onSelect }: TestsProps) {
  const { t } = useTranslation();
  const view = run.data;
  const failed = view?.tests.filter(test => test.status === 'Failed').length ?? 0;
  const untaken = view && isSame ? diagram.branches.filter(branch => view.untaken.includes(branch.id)) : [];
  return (
    <div className="side-body try">
      <div className="try-head">
        {view?.file !== undefined && <Pill tone={failed > 0 || view.problem !== undefined ? 'bad' : 'good'} icon={failed > 0 || view.problem !== undefined ? 'cross' : 'check'}>{failed > 0 ? t('try.failed', { count: failed }) : t('try.passed', { count: view.tests.filter(test => test.status === 'Passed').length })}</Pill>}
        {view?.file !== undefined && view.branches > 0 && <span className="grow">{t('try.paths', { taken: view.branches - view.untaken.length, all: view.branches })}</span>}
        <span className="grow" />
        <button type="button" className="button small primary" disabled={errors || run.isPending} onClick={() => { run.mutate(source); }}><Icon name="play" size={13} />{run.isPending ? t('try.testing') : t('try.test')}</button>
      </div>
      {!view && !run.error && <p className="soft pad">{t('try.testHelp')}</p>}
      {errors && <p className="warn-note">{t('try.errors')}</p>}
      {run.error && <Problem error={run.error} />}
      {view && !isSame && <p className="warn-note">{t('try.changed')}</p>}
      {view?.file === undefined && view && <p className="soft pad">{t('try.noTests')}</p>}
      {view?.problem !== undefined && <p className="bad-note">{view.problem}</p>}
      <ul className="test-list">
        {view?.tests.map(test => (
          <li key={`${String(test.line)} ${test.name}`} className={test.status.toLowerCase()}>
            <span className="test-name"><Icon name={test.status === 'Passed' ? 'check' : test.status === 'Failed' ? 'cross' : 'minus'} size={13} /> {test.name}<span className="soft"> {t(`try.status.${test.status}`)}</span></span>
            {test.failures.map((failure, i) => <p key={i} className={test.status === 'Failed' ? 'bad-text' : 'soft'}>{failure}</p>)}
          </li>
        ))}
      </ul>
      {untaken.length > 0 && <>
        <h2 className="small-head pad">{t('try.untaken')}</h2>
        <ul className="test-list">{untaken.map(branch => <li key={branch.id}><button type="button" className="link" onClick={() => { onSelect(thingAt(diagram, branch.span.start) ?? branch.owner); }}>{t('playbook.line', { line: branch.span.line })}</button> {branch.label} <code className="soft">{branch.id}</code></li>)}</ul>
      </>}
    </div>
  );
}
