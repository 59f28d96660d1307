import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Navigate, Outlet, useLocation, useNavigate } from 'react-router';
import { whenSignedOut } from '../api/client';
import { useConnection, useLiveEvents } from '../api/live';
import { queryClient, useIdentity, useMyQuestions } from '../api/queries';
import type { Identity, Permission } from '../api/types';
import { Icon, type IconName } from '../parts/icon';
import { Problem } from '../parts/problem';
import { Notices } from '../parts/notices';
import { KillSwitchBanner, KillSwitchSign } from './kill-switch';
import { UserMenu } from './user-menu';

const places = [
  ['inbox', 'ReadQuestions'], ['runs', 'ReadRuns'], ['alerts', 'ReadAlerts'], ['cases', 'ReadCases'], ['containments', 'ReadContainments'], ['playbooks', 'ReadPlaybooks'],
  ['schedules', 'ReadPlaybooks'], ['connectors', 'ReadConnectors'], ['lists', 'ReadLists'], ['rota', 'ReadQuestions'], ['dashboard', 'ReadMetrics'], ['audit', 'ReadAudit'], ['users', 'ManageUsers'],
] as const satisfies readonly (readonly [IconName, Permission])[];

/** What every page stands in: menu, account, connection. Nobody gets further than this without being signed in. */
export function Frame() {
  const { t } = useTranslation();
  const identity = useIdentity();
  const location = useLocation();
  if (identity.error) return <main className="alone"><Problem error={identity.error} retry={() => { void identity.refetch(); }} /></main>;
  if (identity.data === undefined) return <p className="loading" role="status">{t('app.loading')}</p>;
  if (identity.data === null) return <Navigate to="/login" replace state={{ from: location.pathname + location.search }} />;
  return <SignedIn identity={identity.data} />;
}

function SignedIn({ identity }: { readonly identity: Identity }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useLiveEvents();
  useEffect(() => {
    whenSignedOut(() => {
      queryClient.setQueryData(['me'], null);
      void navigate('/login');
    });
  }, [navigate]);
  return (
    <div className="frame">
      <a className="skip" href="#content">{t('app.skip')}</a>
      <nav className="rail" aria-label={t('app.menu')}>
        <div className="brand"><img src="/soar.svg" alt="" width="24" height="24" /><span>{t('app.name')}</span></div>
        <ul>
          {places.filter(([, permission]) => may(identity, permission)).map(([place]) => (
            <li key={place}>
              <NavLink to={`/${place}`}><Icon name={place} size={17} /><span className="nav-text">{t(`nav.${place}`)}</span>{place === 'inbox' && <Waiting />}</NavLink>
            </li>
          ))}
        </ul>
        <div className="rail-end">{may(identity, 'ReadRuns') && <KillSwitchSign />}<ConnectionSign /><UserMenu identity={identity} /></div>
      </nav>
      <div className="main">
        <ConnectionBanner />
        {may(identity, 'ReadRuns') && <KillSwitchBanner />}
        <main id="content" tabIndex={-1}><Outlet /></main>
      </div>
      <Notices />
    </div>
  );
}

export function may(identity: Identity, permission: Permission): boolean {
  return identity.permissions.includes(permission);
}

function Waiting() {
  const { t } = useTranslation();
  const count = useMyQuestions().data?.length ?? 0;
  return count === 0 ? null : <span className="count" title={t('inbox.waiting', { count })}>{count}</span>;
}

function ConnectionSign() {
  const { t } = useTranslation();
  const connection = useConnection();
  return <span className={`connection ${connection}`}><i aria-hidden="true" /><span className="nav-text">{connection === 'lost' ? t('live.connecting') : t(`live.${connection}`)}</span></span>;
}

function ConnectionBanner() {
  const { t } = useTranslation();
  return useConnection() === 'lost' ? <p className="banner" role="status">{t('live.lost')}</p> : null;
}
