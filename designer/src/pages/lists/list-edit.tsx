import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveList, type ListTable } from '../../api/lists';
import { Icon } from '../../parts/icon';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';
import { visible } from '../../parts/value';

const pageSize = 100;

/** The rows as fields. Saving makes the next version of the one that was opened: whoever saved meanwhile is not overwritten, the server refuses. */
export function ListEdit({ table: opened, onClose }: { readonly table: ListTable; readonly onClose: () => void }) {
  const { t } = useTranslation();
  // What was opened counts, not what is asked for anew while somebody types.
  const [table] = useState(opened);
  const save = useSaveList(table.name);
  const [rows, setRows] = useState(() => table.rows.map(row => [...row]));
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const set = (row: number, column: number, value: string) => { setRows(before => before.map((cells, i) => i === row ? cells.map((cell, j) => j === column ? value : cell) : cells)); };
  const send = () => {
    save.send({ basedOn: table.version, columns: table.columns, rows }, made => {
      notify(t('lists.savedAs', { version: made.version }));
      onClose();
    });
  };
  return (
    <form onSubmit={event => { event.preventDefault(); send(); }}>
      {save.error && <Problem error={save.error} />}
      <div className="table-holder" tabIndex={0} role="region" aria-label={table.name}>
        <table className="table editable">
          <thead><tr>{table.columns.map(column => <th key={column}>{visible(column)}</th>)}<th><span className="hidden">{t('editor.delete')}</span></th></tr></thead>
          <tbody>
            {rows.slice(page * pageSize, (page + 1) * pageSize).map((row, i) => {
              const number = page * pageSize + i;
              return (
                <tr key={number}>
                  {table.columns.map((column, j) => <td key={column}><input className="input" aria-label={t('lists.cell', { column, row: number + 1 })} value={row[j] ?? ''} onChange={event => { set(number, j, event.target.value); }} /></td>)}
                  <td className="end"><button type="button" className="icon-button" aria-label={t('lists.deleteRow', { row: number + 1 })} onClick={() => { setRows(before => before.filter((_, at) => at !== number)); }}><Icon name="cross" size={13} /></button></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <div className="row form-end">
        <button type="button" className="button" onClick={() => { setRows(before => [...before, table.columns.map(() => '')]); setPage(Math.floor(rows.length / pageSize)); }}><Icon name="plus" size={13} />{t('lists.addRow')}</button>
        {pages > 1 && <><button type="button" className="button small" disabled={page === 0} onClick={() => { setPage(page - 1); }}>{t('app.back')}</button><span className="soft tabular">{page + 1} / {pages}</span><button type="button" className="button small" disabled={page >= pages - 1} onClick={() => { setPage(page + 1); }}>{t('app.more')}</button></>}
        <button type="button" className="button end" onClick={onClose}>{t('app.cancel')}</button>
        <button className="button primary" disabled={save.isPending}>{t('lists.save')}</button>
      </div>
    </form>
  );
}
