import { useTranslation } from 'react-i18next';
import { useComparison, type Compared, type ComparedLine } from '../../../api/versions';
import { Loaded } from '../../../parts/page';

/** Two texts of a playbook side by side, and what the difference is on the diagram. */
export function CompareView({ name, from, to }: { readonly name: string; readonly from: string; readonly to: string }) {
  return <Loaded query={useComparison(name, from, to)}>{both => <Sides both={both} />}</Loaded>;
}

function Sides({ both }: { readonly both: Compared }) {
  const { t } = useTranslation();
  if (both.text.length === 0) return <p className="soft">{t('versions.same')}</p>;
  return (
    <div className="compare">
      <OnDiagram both={both} />
      <div className="sides" role="table" aria-label={t('versions.compare')}>
        <div className="side-head" role="row"><span role="columnheader">{both.from}</span><span role="columnheader">{both.to}</span></div>
        {both.text.map(hunk => (
          <div key={hunk.head} className="hunk" role="rowgroup">
            {pairs(hunk.lines).map(([left, right], i) => (
              <div key={i} className="pair" role="row">
                <Cell line={left} number={left?.from} gone />
                <Cell line={right} number={right?.to} />
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function Cell({ line, number, gone = false }: { readonly line: ComparedLine | undefined; readonly number: number | undefined; readonly gone?: boolean }) {
  const sign = line === undefined || line.change === 'Same' ? '' : gone ? '−' : '+';
  return (
    <div role="cell" className={`cell ${line === undefined ? 'none' : line.change.toLowerCase()}`}>
      <span className="number">{number}</span><span className="sign">{sign}</span><code>{line?.text}</code>
    </div>
  );
}

/** What was taken out stands beside what came for it. */
function pairs(lines: readonly ComparedLine[]): readonly (readonly [ComparedLine | undefined, ComparedLine | undefined])[] {
  const rows: (readonly [ComparedLine | undefined, ComparedLine | undefined])[] = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    if (line?.change === 'Same') {
      rows.push([line, line]);
      i++;
      continue;
    }
    const block: ComparedLine[] = [];
    for (let next = lines[i]; next !== undefined && next.change !== 'Same'; next = lines[i]) {
      block.push(next);
      i++;
    }
    const [removed, added] = [block.filter(each => each.change === 'Removed'), block.filter(each => each.change === 'Added')];
    for (let row = 0; row < Math.max(removed.length, added.length); row++) rows.push([removed[row], added[row]]);
  }
  return rows;
}

function OnDiagram({ both }: { readonly both: Compared }) {
  const { t } = useTranslation();
  const { header, things } = both.diagram;
  if (header.length + things.length === 0) return <p className="soft">{t('versions.diagramSame')}</p>;
  return (
    <ul className="changes" aria-label={t('versions.onDiagram')}>
      {header.map(field => <li key={field.field}><span className="badge">{t('versions.header')}</span> {field.field}: <code>{field.from || '—'}</code> → <code>{field.to || '—'}</code></li>)}
      {things.map(thing => <li key={`${thing.change}/${thing.id}`} className={thing.change.toLowerCase()}><span className="badge">{t(`versions.${thing.change}`)}</span> {thing.label} <span className="soft">{t('playbook.line', { line: thing.toLine ?? thing.fromLine })}</span></li>)}
    </ul>
  );
}
