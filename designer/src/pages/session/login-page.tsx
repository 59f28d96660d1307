import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useSearchParams } from 'react-router';
import { ApiError, get, path, post, rememberIdentity } from '../../api/client';
import { queryClient } from '../../api/queries';
import type { Identity, LoginWays } from '../../api/types';
import { TextField } from '../../parts/field';
import { Problem } from '../../parts/problem';
import { SessionCard } from './session-card';

/** The code of a second factor is asked for only when the server says that it is missing. */
const needsTotp = 'SOAR6005';

export function LoginPage() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const state = useLocation().state as { from?: string; notice?: string } | null;
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const [asksTotp, setAsksTotp] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [withPassword, setWithPassword] = useState(false);
  const [refusal] = useSearchParams();
  const ways = useQuery({ queryKey: ['login-ways'], queryFn: ({ signal }) => get<LoginWays>('/api/login', signal), staleTime: Infinity });
  const providers = ways.data?.providers ?? [];
  const refused = refusal.get('refused');
  const by = providers.find(provider => provider.name === refusal.get('by'))?.title ?? refusal.get('by');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const identity = await post<Identity>('/api/login', { name, password, ...(totp ? { totp } : {}) });
      rememberIdentity(identity);
      queryClient.setQueryData(['me'], identity);
      void navigate(state?.from ?? '/inbox', { replace: true });
    } catch (problem) {
      if (problem instanceof ApiError && problem.code === needsTotp && !asksTotp) setAsksTotp(true);
      else setError(problem);
      setBusy(false);
    }
  };

  const refusalKey = `login.refusal.${refused ?? 'other'}`;
  const refusalText = (i18n.exists(refusalKey) ? refusalKey : 'login.refusal.other') as 'login.refusal.other';

  return (
    <SessionCard title={t('login.title')}>
      {state?.notice !== undefined && <p className="good-note" role="status">{state.notice}</p>}
      {error !== undefined && <Problem error={error} />}
      {error === undefined && refused !== null && (
        <div className="problem" role="alert">
          <strong>{t('login.refused', { provider: by })}</strong>
          <p>{t(refusalText)}</p>
          <div className="row"><code className="soft">{refused}</code></div>
        </div>
      )}
      {providers.map(provider => <a key={provider.name} className="button wide provider" href={path(`/api/login/${provider.name}`, { to: state?.from })}>{provider.title}</a>)}
      {ways.data?.local === false && !withPassword && <p><button type="button" className="link" onClick={() => { setWithPassword(true); }}>{t('login.withPassword')}</button></p>}
      {(ways.data?.local !== false || withPassword) && <form onSubmit={event => { void submit(event); }}>
        <TextField label={t('login.name')} value={name} onValue={setName} autoComplete="username" autoFocus required maxLength={100} />
        <TextField label={t('login.password')} type="password" value={password} onValue={setPassword} autoComplete="current-password" required />
        {asksTotp && <TextField label={t('login.totp')} value={totp} onValue={setTotp} autoComplete="one-time-code" inputMode="numeric" required autoFocus />}
        <button className="button primary wide" disabled={busy}>{busy ? t('login.wait') : t('login.submit')}</button>
      </form>}
      <p className="help">{t('login.help')}</p>
      <p className="row"><Link to="/password">{t('login.haveCode')}</Link><Link to="/setup">{t('login.setUp')}</Link></p>
    </SessionCard>
  );
}
