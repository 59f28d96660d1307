import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useLists } from '../../api/lists';
import { useMay } from '../../api/queries';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Ago } from '../../parts/time';
import { ImportDialog } from './import-dialog';

/** The SOC's tables, which playbooks read. */
export function ListsPage() {
  const { t } = useTranslation();
  const [importing, setImporting] = useState(false);
  const mayEdit = useMay('EditLists');
  const button = mayEdit && <button type="button" className="button" onClick={() => { setImporting(true); }}>{t('lists.import')}</button>;
  return (
    <div className="page">
      <PageHead title={t('lists.title')} actions={button} />
      <Loaded query={useLists()}>{lists => lists.length === 0 ? <Empty title={t('lists.emptyTitle')} text={t('lists.emptyText')} /> : (
        <div className="table-holder" tabIndex={0} role="region" aria-label={t('lists.title')}>
          <table className="table">
            <thead><tr><th>{t('playbooks.name')}</th><th>{t('lists.columns')}</th><th className="number">{t('lists.rows')}</th><th className="number">{t('lists.version')}</th><th>{t('lists.savedBy')}</th><th>{t('lists.saved')}</th></tr></thead>
            <tbody>{lists.map(list => <tr key={list.name}><td><Link className="row-link" to={`/lists/${encodeURIComponent(list.name)}`}>{list.name}</Link></td><td className="fill">{list.columns.join(', ')}</td><td className="number">{list.rows}</td><td className="number">{list.version}</td><td>{list.by}</td><td><Ago at={list.at} /></td></tr>)}</tbody>
          </table>
        </div>
      )}</Loaded>
      {importing && <ImportDialog onClose={() => { setImporting(false); }} />}
    </div>
  );
}
