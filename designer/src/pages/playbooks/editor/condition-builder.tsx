import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asCode, operators, readCondition, takesValue, writeCondition, type Condition, type Test } from '../../../model/condition';
import { Icon } from '../../../parts/icon';
import { LineField } from './line-field';

interface BuilderProps {
  readonly label: string;
  readonly value: string;
  /** Names that are values, not texts. */
  readonly known: ReadonlySet<string>;
  readonly pick?: (onPick: (code: string) => void) => React.ReactNode;
  readonly onValue: (code: string) => void;
}

const blank: Test = { left: '', operator: '==', right: '' };

/** A condition as rows where it is a simple one, and always as C#. */
export function ConditionBuilder({ label, value, known, pick, onValue }: BuilderProps) {
  const { t } = useTranslation();
  const [rows, setRows] = useState<Condition | undefined>(() => readCondition(value));
  useEffect(() => { setRows(readCondition(value)); }, [value]);
  const give = (next: Condition) => {
    setRows(next);
    const whole = next.tests.filter(test => test.left.trim() !== '' && (!takesValue(test.operator) || test.right.trim() !== ''));
    if (whole.length === next.tests.length && whole.length > 0 && writeCondition(next) !== value.trim()) onValue(writeCondition(next));
  };
  const change = (i: number, test: Partial<Test>) => { if (rows) give({ ...rows, tests: rows.tests.map((each, n) => n === i ? { ...each, ...test } : each) }); };
  return (
    <div className="condition" role="group" aria-label={label}>
      {rows === undefined ? <p className="soft">{t('condition.onlyCode')}</p> : <>
        {rows.tests.map((test, i) => (
          <div className="condition-row" key={i}>
            {i === 0 ? <span className="join" /> : i > 1 ? <span className="join soft">{t(rows.join === '&&' ? 'condition.and' : 'condition.or')}</span>
              : <select className="input join" aria-label={t('condition.join')} value={rows.join} onChange={event => { give({ ...rows, join: event.target.value as '&&' }); }}><option value="&&">{t('condition.and')}</option><option value="||">{t('condition.or')}</option></select>}
            <Part label={t('condition.left')} value={test.left} onValue={left => { change(i, { left }); }} pick={pick} />
            <select className="input" aria-label={t('condition.operator')} value={test.operator} onChange={event => { change(i, { operator: event.target.value as Test['operator'] }); }}>
              {operators.map(each => <option key={each} value={each}>{t(`condition.op.${each}`)}</option>)}
            </select>
            {takesValue(test.operator) ? <Part label={t('condition.right')} value={test.right} onValue={right => { change(i, { right: asCode(right, known) }); }} pick={pick} /> : <span />}
            <button type="button" className="icon-button" aria-label={t('condition.remove')} disabled={rows.tests.length < 2} onClick={() => { give({ ...rows, tests: rows.tests.filter((_, n) => n !== i) }); }}><Icon name="minus" size={13} /></button>
          </div>
        ))}
        <button type="button" className="button small" onClick={() => { setRows({ ...rows, tests: [...rows.tests, blank] }); }}><Icon name="plus" size={13} />{t('condition.add')}</button>
      </>}
      <LineField mono label={t('condition.code')} value={value} onValue={onValue} />
    </div>
  );
}

function Part({ label, value, pick, onValue }: { readonly label: string; readonly value: string; readonly pick: BuilderProps['pick']; readonly onValue: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => { setTyped(value); }, [value]);
  const done = () => { if (typed !== value) onValue(typed.trim()); };
  return (
    <span className="with-beside">
      <input className="input mono" aria-label={label} placeholder={label} value={typed} onChange={event => { setTyped(event.target.value); }} onBlur={done} onKeyDown={event => { if (event.key === 'Enter') done(); if (event.key === 'Escape') setTyped(value); }} />
      {pick?.(code => { onValue(code); })}
    </span>
  );
}
