import { useTranslation } from 'react-i18next';
import type { Diagram } from '../../../model/diagram';
import type { RunState } from '../../../model/run-state';
import { MarkPill } from '../../../parts/pill';
import { StepDetails } from '../../runs/step-details';

interface StepListProps {
  readonly shown: RunState['steps'];
  readonly diagram: Diagram;
  /** Shows at once what each got and gave. */
  readonly open: boolean;
  readonly onSelect: (id: string | undefined) => void;
}

/** Steps of a run that was tried, each to be opened. */
export function StepList({ shown, diagram, open, onSelect }: StepListProps) {
  const { t } = useTranslation();
  if (shown.length === 0) return <p className="soft pad">{t('run.noSteps')}</p>;
  return (
    <ul className="step-list">
      {shown.slice(0, 200).map(step => {
        const node = diagram.nodes.find(each => each.stepId === step.stepId) ?? diagram.groups.find(each => each.stepId === step.stepId);
        return (
          <li key={`${step.path} ${String(open)}`}>
            <details className="step" open={open}>
              <summary><MarkPill mark={step.mark} /><span className="step-name">{step.title ?? node?.label ?? step.stepId}</span>{step.instance !== undefined && <span className="soft">{step.instance}</span>}</summary>
              <StepDetails step={step} onSelect={() => { onSelect(node?.id); }} />
            </details>
          </li>
        );
      })}
    </ul>
  );
}
