import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { givenRoles, useAddUser, useChangeUser, useForgetTotp, useOfferCode, type OfferedCode, type User } from '../../api/accounts';
import { useIdentity } from '../../api/queries';
import { Dialog } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';

/** Makes a user, or changes one: name, roles, whether they may sign in, a new code, a lost authenticator. */
export function UserDialog({ user, onCode, onClose }: { readonly user: User | undefined; readonly onCode: (code: OfferedCode) => void; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const me = useIdentity().data?.name;
  const [name, setName] = useState(user?.name ?? '');
  const [displayName, setDisplayName] = useState(user?.displayName ?? '');
  const [roles, setRoles] = useState<readonly string[]>(user?.roles ?? []);
  const [add, change, offer, forget] = [useAddUser(), useChangeUser(user?.name ?? ''), useOfferCode(user?.name ?? ''), useForgetTotp(user?.name ?? '')];
  const error = add.error ?? change.error ?? offer.error ?? forget.error;
  const busy = add.isPending || change.isPending || offer.isPending || forget.isPending;
  const done = () => { notify(t('run.changed')); onClose(); };
  const code = (offered: OfferedCode) => { onClose(); onCode(offered); };
  const save = () => {
    if (user === undefined) add.send({ name: name.trim(), displayName: displayName.trim(), roles }, code);
    else change.send({ displayName: displayName.trim(), roles }, done);
  };
  const toggle = (role: string) => { setRoles(roles.includes(role) ? roles.filter(each => each !== role) : [...roles, role]); };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={user === undefined ? t('users.add') : t('users.change', { name: user.name })} text={user === undefined ? t('users.addText') : t('users.changeText')}>
      <form onSubmit={event => { event.preventDefault(); save(); }}>
        {error && <Problem error={error} />}
        {user === undefined && <TextField label={t('users.name')} value={name} onValue={setName} required autoFocus autoComplete="off" maxLength={64} />}
        <TextField label={`${t('setup.displayName')} (${t('app.optional')})`} value={displayName} onValue={setDisplayName} autoComplete="off" maxLength={128} />
        <fieldset className="modes">
          <legend>{t('users.roles')}</legend>
          {givenRoles.map(role => <label key={role} className="check"><input type="checkbox" checked={roles.includes(role)} onChange={() => { toggle(role); }} /><span><strong>{role}</strong><br /><span className="soft">{t(`users.role.${role}`)}</span></span></label>)}
        </fieldset>
        {user !== undefined && (
          <div className="row">
            <button type="button" className="button small" disabled={busy} onClick={() => { offer.send(undefined, code); }}>{t('users.newCode')}</button>
            {user.hasTotp && <button type="button" className="button small" disabled={busy} onClick={() => { forget.send(undefined, done); }}>{t('users.forgetTotp')}</button>}
            {user.name !== me && <button type="button" className="button small bad" disabled={busy} onClick={() => { change.send({ disabled: user.disabledAt === undefined }, done); }}>{t(user.disabledAt === undefined ? 'users.disable' : 'users.enable')}</button>}
          </div>
        )}
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.cancel')}</button>
          <button className="button primary" disabled={busy || name.trim() === ''}>{t(user === undefined ? 'users.make' : 'users.save')}</button>
        </div>
      </form>
    </Dialog>
  );
}
