import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Json } from '../../api/types';
import { durationOf, type StepState } from '../../model/run-state';
import { useFormat } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Facts } from '../../parts/page';
import { Ago } from '../../parts/time';
import { Foreign, Value } from '../../parts/value';

/** What a step got, how often it was tried, and what came of it. */
export function StepDetails({ step, onSelect }: { readonly step: StepState; readonly onSelect: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const duration = durationOf(step);
  return (
    <div className="step-details">
      <Facts rows={[
        [t('run.action'), <code>{step.action || step.stepId}</code>],
        ...(step.instance === undefined ? [] : [[t('run.instance'), <>{step.instance}{step.simulated && <span className="badge">{t('run.simulated')}</span>}</>] as const]),
        [t('run.path'), <button type="button" className="link" onClick={onSelect}><code>{step.path}</code> <Icon name="link" size={12} /></button>],
        ...(duration === undefined ? [] : [[t('runs.duration'), t('run.took', { duration: format.length(duration) })] as const]),
      ]} />
      {step.arguments !== undefined && <><h3>{t('run.input')}</h3><Value value={step.arguments as Json} /></>}
      {step.attempts.length > 0 && <><h3>{t('run.attempts')}</h3>
        <ol className="plain-list">{step.attempts.map(attempt => <li key={attempt.number}>{t('run.attempt', { number: attempt.number })} <Ago at={attempt.at} />: <span className={attempt.unknown ? 'bad-text' : ''}><Foreign text={attempt.message} /></span></li>)}</ol></>}
      {step.error && <><h3>{t('run.error')}</h3><p className="bad-text"><Foreign text={step.error.message} /> {step.error.code !== undefined && <code className="soft">{step.error.code}</code>}</p></>}
      {step.mark === 'done' && <><h3>{t('run.output')}</h3><Value value={step.output as Json} /></>}
      {step.question !== undefined && step.mark !== 'done' && <p><Link className="button small" to={`/inbox/${step.question}?for=everybody`}>{t('run.answer')}</Link></p>}
    </div>
  );
}
