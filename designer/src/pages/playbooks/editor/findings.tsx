import { useTranslation } from 'react-i18next';
import type { Diagnostic } from '../../../model/diagram';
import { Icon } from '../../../parts/icon';

/** What the compiler says of the text. While a newer text is looked at, what it said of the one before stands there, paler. */
export function Findings({ diagnostics, isChecked, onLine }: { readonly diagnostics: readonly Diagnostic[]; readonly isChecked: boolean; readonly onLine: (line: number, column: number) => void }) {
  const { t } = useTranslation();
  if (diagnostics.length === 0)
    return <p className={`findings good${isChecked ? '' : ' old'}`} role="status"><Icon name={isChecked ? 'check' : 'clock'} size={13} /> {isChecked ? t('playbook.noFindings') : t('editor.checking')}</p>;
  return (
    <ul className={`findings${isChecked ? '' : ' old'}`} aria-label={t('playbook.findings')} aria-busy={!isChecked}>
      {diagnostics.map((finding, i) => (
        <li key={i} className={finding.severity.toLowerCase()}>
          <button type="button" className="link" onClick={() => { onLine(finding.line, finding.column); }}>{t('playbook.line', { line: finding.line })}</button> <code>{finding.code}</code> {finding.message} <span className="soft">{finding.remedy}</span>
        </li>
      ))}
    </ul>
  );
}
