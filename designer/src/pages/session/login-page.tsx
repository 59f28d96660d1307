import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate } from 'react-router';
import { ApiError, post, rememberIdentity } from '../../api/client';
import { queryClient } from '../../api/queries';
import type { Identity } from '../../api/types';
import { TextField } from '../../parts/field';
import { Problem } from '../../parts/problem';
import { SessionCard } from './session-card';

/** The code of a second factor is asked for only when the server says that it is missing. */
const needsTotp = 'SOAR6005';

export function LoginPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const state = useLocation().state as { from?: string; notice?: string } | null;
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const [asksTotp, setAsksTotp] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

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

  return (
    <SessionCard title={t('login.title')}>
      {state?.notice !== undefined && <p className="good-note" role="status">{state.notice}</p>}
      {error !== undefined && <Problem error={error} />}
      <form onSubmit={event => { void submit(event); }}>
        <TextField label={t('login.name')} value={name} onValue={setName} autoComplete="username" autoFocus required maxLength={100} />
        <TextField label={t('login.password')} type="password" value={password} onValue={setPassword} autoComplete="current-password" required />
        {asksTotp && <TextField label={t('login.totp')} value={totp} onValue={setTotp} autoComplete="one-time-code" inputMode="numeric" required autoFocus />}
        <button className="button primary wide" disabled={busy}>{busy ? t('login.wait') : t('login.submit')}</button>
      </form>
      <p className="help">{t('login.help')}</p>
      <p className="row"><Link to="/password">{t('login.haveCode')}</Link><Link to="/setup">{t('login.setUp')}</Link></p>
    </SessionCard>
  );
}
