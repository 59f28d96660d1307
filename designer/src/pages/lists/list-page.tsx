import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams, useSearchParams } from 'react-router';
import { useList, useListVersions, type ListTable } from '../../api/lists';
import { useMay } from '../../api/queries';
import { Choice } from '../../parts/field';
import { useFormat } from '../../parts/format';
import { Loaded, PageHead, Section } from '../../parts/page';
import { visible } from '../../parts/value';
import { ImportDialog } from './import-dialog';
import { ListEdit } from './list-edit';
import { ListDiff } from './list-diff';

/** More rows than this are not shown at once. */
const most = 500;

/** One list: its rows, changed in place; its versions, and what differs between two of them. */
export function ListPage() {
  const { name = '' } = useParams();
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const [editing, setEditing] = useState(false);
  const [importing, setImporting] = useState(false);
  const version = Number(search.get('version')) || undefined;
  const against = Number(search.get('against')) || undefined;
  const list = useList(name, version);
  const versions = useListVersions(name).data ?? [];
  const mayEdit = useMay('EditLists');
  const choose = (key: string, value: string) => {
    setSearch(before => {
      const after = new URLSearchParams(before);
      if (value === '') after.delete(key);
      else after.set(key, value);
      return after;
    }, { replace: true });
  };
  const told = (each: (typeof versions)[number]) => `${each.version} · ${each.by} · ${format.dateTime(each.at)}`;
  return (
    <div className="page">
      <PageHead title={name} facts={list.data && <span>{t('lists.facts', { version: list.data.version, count: list.data.rows.length })}</span>} actions={!editing && <>
        <Choice label={t('lists.version')} value={String(version ?? '')} onValue={value => { choose('version', value); }} options={[['', t('lists.newest')], ...versions.map(each => [String(each.version), told(each)] as const)]} />
        <Choice label={t('lists.compare')} value={String(against ?? '')} onValue={value => { choose('against', value); }} options={[['', t('lists.noCompare')], ...versions.map(each => [String(each.version), t('lists.against', { version: each.version })] as const)]} />
        {mayEdit && <button type="button" className="button" onClick={() => { setImporting(true); }}>{t('lists.import')}</button>}
        {mayEdit && version === undefined && <button type="button" className="button primary" disabled={list.data === undefined} onClick={() => { setEditing(true); }}>{t('editor.edit')}</button>}
      </>} />
      <Loaded query={list}>{table => editing ? <ListEdit table={table} onClose={() => { setEditing(false); }} />
        : against !== undefined ? <Section title={t('lists.differences', { from: against, to: table.version })}><ListDiff name={name} from={against} table={table} /></Section> : <Rows table={table} />}</Loaded>
      {importing && <ImportDialog name={name} onClose={() => { setImporting(false); }} />}
    </div>
  );
}

function Rows({ table }: { readonly table: ListTable }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const rows = wanted === '' ? table.rows : table.rows.filter(row => row.some(cell => cell.toLowerCase().includes(wanted)));
  return (
    <>
      <div className="row"><input type="search" className="input narrow" aria-label={t('lists.search')} placeholder={t('lists.search')} value={search} onChange={event => { setSearch(event.target.value); }} />{rows.length > most && <span className="soft">{t('lists.firstOnly', { count: most })}</span>}</div>
      <div className="table-holder" tabIndex={0} role="region" aria-label={table.name}>
        <table className="table">
          <thead><tr>{table.columns.map(column => <th key={column}>{visible(column)}</th>)}</tr></thead>
          <tbody>{rows.slice(0, most).map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j}><bdi>{visible(cell)}</bdi></td>)}</tr>)}</tbody>
        </table>
      </div>
    </>
  );
}
