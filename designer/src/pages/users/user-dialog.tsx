import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clearances, givenRoles, useAddUser, useChangeUser, useForgetTotp, useOfferCode, type OfferedCode, type Sight, type User } from '../../api/accounts';
import { useIdentity } from '../../api/queries';
import { Dialog } from '../../parts/dialog';
import { Field, TextField } from '../../parts/field';
import { notify } from '../../parts/notices';
import { Problem } from '../../parts/problem';

/** Makes a user, or changes one: name, roles, whether they may sign in, a new code, a lost authenticator. */
export function UserDialog({ user, onCode, onClose }: { readonly user: User | undefined; readonly onCode: (code: OfferedCode) => void; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const me = useIdentity().data?.name;
  const [name, setName] = useState(user?.name ?? '');
  const [displayName, setDisplayName] = useState(user?.displayName ?? '');
  const [roles, setRoles] = useState<readonly string[]>(user?.roles ?? []);
  const [clearance, setClearance] = useState<Sight['clearance']>(user?.sight.clearance ?? 'Amber');
  const [see, setSee] = useState(user?.sight.see.join(', ') ?? '*');
  const [run, setRun] = useState(user?.sight.run.join(', ') ?? '');
  const [edit, setEdit] = useState(user?.sight.edit.join(', ') ?? '');
  const [add, change, offer, forget] = [useAddUser(), useChangeUser(user?.name ?? ''), useOfferCode(user?.name ?? ''), useForgetTotp(user?.name ?? '')];
  const error = add.error ?? change.error ?? offer.error ?? forget.error;
  const busy = add.isPending || change.isPending || offer.isPending || forget.isPending;
  const done = () => { notify(t('run.changed')); onClose(); };
  const code = (offered: OfferedCode) => { onClose(); onCode(offered); };
  const save = () => {
    const sight = { clearance, see: folders(see), run: folders(run), edit: folders(edit) };
    // What their roles give stays so unless it is changed here.
    const given = user === undefined || user.ownSight || JSON.stringify(sight) !== JSON.stringify(user.sight);
    if (user === undefined) add.send({ name: name.trim(), displayName: displayName.trim(), roles, sight }, code);
    else change.send({ displayName: displayName.trim(), roles, ...(given ? { sight } : {}) }, done);
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
        <Field label={t('users.clearance')}>{id => (
          <select id={id} className="input" value={clearance} onChange={event => { setClearance(event.target.value as Sight['clearance']); }}>
            {clearances.map(tlp => <option key={tlp} value={tlp}>{tlpLabel(tlp)}</option>)}
          </select>
        )}</Field>
        <TextField label={t('users.sees')} help={t('users.folders')} value={see} onValue={setSee} autoComplete="off" />
        <TextField label={t('users.runs')} value={run} onValue={setRun} autoComplete="off" />
        <TextField label={t('users.edits')} value={edit} onValue={setEdit} autoComplete="off" />
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

const folders = (text: string) => text.split(',').map(folder => folder.trim()).filter(folder => folder !== '');

const tlpLabel = (tlp: Sight['clearance']) => `TLP:${tlp === 'AmberStrict' ? 'AMBER+STRICT' : tlp.toUpperCase()}`;
