import { useTranslation } from 'react-i18next';

export type Side = 'code' | 'run' | 'alerts' | 'tests';
const sides: readonly Side[] = ['code', 'run', 'alerts', 'tests'];

/** What stands below the form: the code, a dry run, past alerts, the tests. Arrows go from one to the next. */
export function SideTabs({ side, onSide, findings, errors }: { readonly side: Side; readonly onSide: (side: Side) => void; readonly findings: number; readonly errors: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="tabs" role="group" aria-label={t('editor.sides')} onKeyDown={event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const next = sides[(sides.indexOf(side) + step + sides.length) % sides.length] ?? side;
      onSide(next);
      event.currentTarget.querySelectorAll('button')[sides.indexOf(next)]?.focus();
    }}>
      {sides.map(each => (
        <button key={each} type="button" aria-pressed={each === side} data-state={each === side ? 'active' : undefined} tabIndex={each === side ? 0 : -1} onClick={() => { onSide(each); }}>
          {t(`editor.side.${each}`)}{each === 'code' && findings > 0 && <span className={`count ${errors ? 'bad' : 'warn'}`}>{findings}</span>}
        </button>
      ))}
    </div>
  );
}
