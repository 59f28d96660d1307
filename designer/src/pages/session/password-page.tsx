import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { post } from '../../api/client';
import { TextField } from '../../parts/field';
import { Problem } from '../../parts/problem';
import { SessionCard } from './session-card';

/** A password for whom an administrator made a user, or gave a new code. */
export function PasswordPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [code, setCode] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      await post('/api/password', { code: code.trim(), password });
      void navigate('/login', { replace: true, state: { notice: t('password.done') } });
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <SessionCard title={t('password.title')}>
      <p className="soft">{t('password.intro')}</p>
      {error !== undefined && <Problem error={error} />}
      <form onSubmit={event => { void submit(event); }}>
        <TextField label={t('password.code')} value={code} onValue={setCode} required autoComplete="off" autoFocus />
        <TextField label={t('setup.password')} help={t('setup.passwordHelp')} type="password" value={password} onValue={setPassword} required autoComplete="new-password" minLength={12} />
        <button className="button primary wide">{t('password.submit')}</button>
      </form>
      <p className="row"><Link to="/login">{t('login.title')}</Link></p>
    </SessionCard>
  );
}
