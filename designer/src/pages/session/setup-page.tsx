import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { post } from '../../api/client';
import { TextField } from '../../parts/field';
import { Problem } from '../../parts/problem';
import { SessionCard } from './session-card';

/** The first user of a new server. The code comes in the address behind '#', which no browser sends anywhere. */
export function SetupPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [code, setCode] = useState(() => location.hash.slice(1));
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [error, setError] = useState<unknown>();
  const differs = again.length > 0 && again !== password;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (again !== password) return;
    setError(undefined);
    try {
      await post('/api/setup', { code: code.trim(), name: name.trim(), displayName: displayName.trim(), password });
      void navigate('/login', { replace: true, state: { notice: t('setup.done') } });
    } catch (problem) {
      setError(problem);
    }
  };

  return (
    <SessionCard title={t('setup.title')}>
      <p className="soft">{t('setup.intro')}</p>
      {error !== undefined && <Problem error={error} />}
      <form onSubmit={event => { void submit(event); }}>
        <TextField label={t('setup.code')} help={t('setup.codeHelp')} value={code} onValue={setCode} required autoComplete="off" autoFocus={code === ''} />
        <TextField label={t('setup.name')} value={name} onValue={setName} required autoComplete="username" autoFocus={code !== ''} maxLength={100} />
        <TextField label={`${t('setup.displayName')} (${t('app.optional')})`} value={displayName} onValue={setDisplayName} autoComplete="name" maxLength={200} />
        <TextField label={t('setup.password')} help={t('setup.passwordHelp')} type="password" value={password} onValue={setPassword} required autoComplete="new-password" minLength={12} />
        <TextField label={t('setup.again')} help={differs ? <span className="bad-text">{t('setup.differs')}</span> : undefined} type="password" value={again} onValue={setAgain} required autoComplete="new-password" aria-invalid={differs} />
        <button className="button primary wide" disabled={differs}>{t('setup.submit')}</button>
      </form>
      <p className="row"><Link to="/login">{t('login.title')}</Link></p>
    </SessionCard>
  );
}
