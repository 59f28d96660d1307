import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CaseView } from '../../api/cases';
import { useMay } from '../../api/queries';
import { Icon } from '../../parts/icon';
import { HoldDialog } from './hold-dialog';
import { MergeDialog } from './merge-dialog';
import { RunOnCase } from './run-on-case';
import { SplitDialog } from './split-dialog';

type Action = 'run' | 'merge' | 'split' | 'hold' | 'release';

/** What is done with a case as a whole; each asks first. */
export function CaseActions({ view }: { readonly view: CaseView }) {
  const { t } = useTranslation();
  const [action, setAction] = useState<Action>();
  const [mayRun, mayWork, mayRelease] = [useMay('StartRuns'), useMay('WorkCases'), useMay('ReleaseHolds')];
  const done = () => { setAction(undefined); };
  const held = view.case.heldAt !== undefined;
  const others: readonly Action[] = [...(mayWork ? (['merge', 'split'] as const) : []), ...(mayWork && !held ? (['hold'] as const) : []), ...(mayRelease && held ? (['release'] as const) : [])];
  return (
    <>
      {others.length > 0 && (
        <DropdownMenu.Root>
          <DropdownMenu.Trigger className="button"><Icon name="more" size={14} />{t('case.more')}</DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content className="menu" align="end" sideOffset={6} collisionPadding={8}>
              {others.map(each => <DropdownMenu.Item key={each} className="menu-item" onSelect={() => { setAction(each); }}>{t(`case.action.${each}`)}</DropdownMenu.Item>)}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
      {mayRun && <button type="button" className="button primary" onClick={() => { setAction('run'); }}><Icon name="play" size={14} />{t('case.action.run')}</button>}
      {action === 'run' && <RunOnCase view={view} onClose={done} />}
      {action === 'merge' && <MergeDialog view={view} onClose={done} />}
      {action === 'split' && <SplitDialog view={view} onClose={done} />}
      {(action === 'hold' || action === 'release') && <HoldDialog file={view.case} hold={action === 'hold'} onClose={done} />}
    </>
  );
}
