import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAddToken, useRevokeToken, useTokens, type Token } from '../../api/accounts';
import { Dialog } from '../../parts/dialog';
import { TextField } from '../../parts/field';
import { Icon } from '../../parts/icon';
import { notify } from '../../parts/notices';
import { Empty, Loaded, PageHead } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { SecretOnce } from '../../parts/secret-once';
import { Ago } from '../../parts/time';

/** One's own tokens, for programs: what each may do, until when, and when it was last used. */
export function TokensPage() {
  const { t } = useTranslation();
  const tokens = useTokens();
  const [making, setMaking] = useState(false);
  const [value, setValue] = useState<string>();
  const [revoking, setRevoking] = useState<Token>();
  return (
    <div className="page">
      <PageHead title={t('tokens.title')} actions={<button type="button" className="button primary" onClick={() => { setMaking(true); }}><Icon name="plus" size={14} />{t('tokens.add')}</button>} />
      <Loaded query={tokens}>{data => data.tokens.length === 0 ? <Empty title={t('tokens.emptyTitle')} text={t('tokens.emptyText')} /> : (
        <div className="table-holder" tabIndex={0} role="region" aria-label={t('tokens.title')}>
          <table className="table">
            <thead><tr><th>{t('users.name')}</th><th>{t('tokens.scopes')}</th><th>{t('users.made')}</th><th>{t('tokens.expires')}</th><th>{t('tokens.used')}</th><th><span className="hidden">{t('tokens.revoke')}</span></th></tr></thead>
            <tbody>{data.tokens.map(token => <tr key={token.id}><td><strong>{token.name}</strong></td><td className="fill">{token.scopes.join(', ')}</td><td><Ago at={token.createdAt} /></td><td><Ago at={token.expiresAt} /></td><td>{token.usedAt === undefined ? <span className="soft">{t('tokens.never')}</span> : <Ago at={token.usedAt} />}</td><td className="end"><button type="button" className="button small bad" aria-label={`${t('tokens.revoke')}: ${token.name}`} onClick={() => { setRevoking(token); }}>{t('tokens.revoke')}</button></td></tr>)}</tbody>
          </table>
        </div>
      )}</Loaded>
      {making && <NewToken scopes={tokens.data?.scopes ?? []} onMade={setValue} onClose={() => { setMaking(false); }} />}
      {value !== undefined && <SecretOnce title={t('tokens.madeTitle')} text={t('tokens.madeText')} secret={value} onClose={() => { setValue(undefined); }} />}
      {revoking && <Revoke token={revoking} onClose={() => { setRevoking(undefined); }} />}
    </div>
  );
}

function NewToken({ scopes, onMade, onClose }: { readonly scopes: readonly string[]; readonly onMade: (value: string) => void; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const add = useAddToken();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (scope: string) => { setChosen(chosen.includes(scope) ? chosen.filter(each => each !== scope) : [...chosen, scope]); };
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('tokens.add')} text={t('tokens.addText')}>
      <form onSubmit={event => { event.preventDefault(); add.send({ name: name.trim(), scopes: chosen, days: Number(days) }, made => { onClose(); onMade(made.value); }); }}>
        {add.error && <Problem error={add.error} />}
        <TextField label={t('users.name')} value={name} onValue={setName} required autoFocus autoComplete="off" maxLength={64} />
        <TextField label={t('tokens.days')} type="number" min={1} max={366} value={days} onValue={setDays} required />
        <fieldset className="modes two"><legend>{t('tokens.scopes')}</legend>{scopes.map(scope => <label key={scope} className="check"><input type="checkbox" checked={chosen.includes(scope)} onChange={() => { toggle(scope); }} /><code>{scope}</code></label>)}</fieldset>
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>{t('app.cancel')}</button>
          <button className="button primary" disabled={add.isPending || name.trim() === '' || chosen.length === 0}>{t('users.make')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Revoke({ token, onClose }: { readonly token: Token; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const revoke = useRevokeToken();
  return (
    <Dialog open onOpenChange={open => { if (!open) onClose(); }} title={t('tokens.revokeTitle', { name: token.name })} text={t('tokens.revokeText')}>
      {revoke.error && <Problem error={revoke.error} />}
      <div className="row end">
        <button type="button" className="button" onClick={onClose}>{t('app.back')}</button>
        <button type="button" className="button bad" disabled={revoke.isPending} onClick={() => { revoke.send(token.id, () => { notify(t('tokens.revoked')); onClose(); }); }}>{t('tokens.revoke')}</button>
      </div>
    </Dialog>
  );
}
