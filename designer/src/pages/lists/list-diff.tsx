import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useList, type ListTable } from '../../api/lists';
import { rowChanges } from '../../model/table-diff';
import { Loaded } from '../../parts/page';
import { visible } from '../../parts/value';

const signs = { Same: '', Removed: '−', Added: '+' } as const;

/** What a later version has that an earlier one had not, and the other way round. */
export function ListDiff({ name, from, table }: { readonly name: string; readonly from: number; readonly table: ListTable }) {
  return <Loaded query={useList(name, from)}>{before => <Changes before={before} after={table} />}</Loaded>;
}

function Changes({ before, after }: { readonly before: ListTable; readonly after: ListTable }) {
  const { t } = useTranslation();
  const changed = useMemo(() => rowChanges(before.rows, after.rows).filter(row => row.change !== 'Same'), [before, after]);
  const columns = before.columns.join('\u0000') === after.columns.join('\u0000');
  return (
    <>
      {!columns && <p className="warn-note">{t('lists.otherColumns', { from: before.columns.join(', '), to: after.columns.join(', ') })}</p>}
      {changed.length === 0 ? <p className="soft">{t('lists.same')}</p> : (
        <div className="table-holder" tabIndex={0} role="region" aria-label={t('lists.compare')}>
          <table className="table">
            <thead><tr><th><span className="hidden">{t('lists.change')}</span></th>{after.columns.map(column => <th key={column}>{visible(column)}</th>)}</tr></thead>
            <tbody>{changed.slice(0, 1_000).map((row, i) => <tr key={i} className={row.change === 'Added' ? 'row-added' : 'row-removed'}><td><span aria-hidden="true">{signs[row.change]}</span><span className="hidden">{t(row.change === 'Added' ? 'versions.Added' : 'versions.Removed')}</span></td>{row.cells.map((cell, j) => <td key={j}><bdi>{visible(cell)}</bdi></td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}
