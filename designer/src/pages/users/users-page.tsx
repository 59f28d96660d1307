import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUsers, type OfferedCode, type User } from '../../api/accounts';
import { useFormat } from '../../parts/format';
import { Icon } from '../../parts/icon';
import { Loaded, PageHead } from '../../parts/page';
import { Pill } from '../../parts/pill';
import { SecretOnce } from '../../parts/secret-once';
import { Ago } from '../../parts/time';
import { Foreign } from '../../parts/value';
import { UserDialog } from './user-dialog';

/** Who may sign in, and as what. */
export function UsersPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const [changing, setChanging] = useState<User | 'new'>();
  const [offered, setOffered] = useState<OfferedCode>();
  return (
    <div className="page">
      <PageHead title={t('users.title')} actions={<button type="button" className="button primary" onClick={() => { setChanging('new'); }}><Icon name="plus" size={14} />{t('users.add')}</button>} />
      <Loaded query={useUsers()}>{users => (
        <div className="table-holder" tabIndex={0} role="region" aria-label={t('users.title')}>
          <table className="table">
            <thead><tr><th>{t('users.name')}</th><th>{t('setup.displayName')}</th><th>{t('users.roles')}</th><th>{t('users.approves')}</th><th>{t('users.state')}</th><th>{t('users.made')}</th><th><span className="hidden">{t('editor.edit')}</span></th></tr></thead>
            <tbody>
              {users.map(user => (
                <tr key={user.name}>
                  <td><strong>{user.name}</strong></td><td><Foreign text={user.displayName} max={80} /></td><td>{user.roles.join(', ')}</td><td>{user.approves.join(', ')}</td><td><State user={user} /></td><td><Ago at={user.createdAt} /> <span className="soft">{user.createdBy}</span></td>
                  <td className="end"><button type="button" className="button small" aria-label={`${t('editor.edit')}: ${user.name}`} onClick={() => { setChanging(user); }}>{t('editor.edit')}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}</Loaded>
      {changing !== undefined && <UserDialog user={changing === 'new' ? undefined : changing} onCode={setOffered} onClose={() => { setChanging(undefined); }} />}
      {offered && <SecretOnce title={t('users.codeTitle', { name: offered.name })} text={t('users.codeText', { until: format.dateTime(offered.until) })} secret={offered.code} onClose={() => { setOffered(undefined); }} />}
    </div>
  );
}

function State({ user }: { readonly user: User }) {
  const { t } = useTranslation();
  if (user.disabledAt !== undefined) return <Pill tone="plain" icon="stop">{t('users.disabled')}</Pill>;
  if (user.lockedUntil !== undefined && Date.parse(user.lockedUntil) > Date.now()) return <Pill tone="bad" icon="clock">{t('users.locked')}</Pill>;
  if (!user.hasPassword) return <Pill tone="warn" icon="clock">{t('users.noPassword')}</Pill>;
  return <Pill tone="good" icon="check">{t(user.hasTotp ? 'users.activeTotp' : 'users.active')}</Pill>;
}
