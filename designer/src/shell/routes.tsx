import { createBrowserRouter, Navigate } from 'react-router';
import { Crashed, NoPage } from './crashed';
import { Frame } from './frame';

// Each page is its own file, fetched when it is first opened: the first load stays small.
export const router = createBrowserRouter([
  { path: '/login', errorElement: <Crashed />, lazy: async () => ({ Component: (await import('../pages/session/login-page')).LoginPage }) },
  { path: '/setup', errorElement: <Crashed />, lazy: async () => ({ Component: (await import('../pages/session/setup-page')).SetupPage }) },
  { path: '/password', errorElement: <Crashed />, lazy: async () => ({ Component: (await import('../pages/session/password-page')).PasswordPage }) },
  {
    element: <Frame />,
    errorElement: <Crashed />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <Crashed />,
        children: [
          { index: true, element: <Navigate to="/inbox" replace /> },
          { path: 'inbox/:id?', lazy: async () => ({ Component: (await import('../pages/inbox/inbox-page')).InboxPage }) },
          { path: 'runs', lazy: async () => ({ Component: (await import('../pages/runs/runs-page')).RunsPage }) },
          { path: 'runs/:id', lazy: async () => ({ Component: (await import('../pages/runs/run-page')).RunPage }) },
          { path: 'alerts', lazy: async () => ({ Component: (await import('../pages/alerts/alerts-page')).AlertsPage }) },
          { path: 'alerts/:id', lazy: async () => ({ Component: (await import('../pages/alerts/alert-page')).AlertPage }) },
          { path: 'cases', lazy: async () => ({ Component: (await import('../pages/cases/cases-page')).CasesPage }) },
          { path: 'cases/:id', lazy: async () => ({ Component: (await import('../pages/cases/case-page')).CasePage }) },
          { path: 'containments', lazy: async () => ({ Component: (await import('../pages/containments/containments-page')).ContainmentsPage }) },
          { path: 'connectors', lazy: async () => ({ Component: (await import('../pages/connectors/connectors-page')).ConnectorsPage }) },
          { path: 'connectors/:name', lazy: async () => ({ Component: (await import('../pages/connectors/connector-page')).ConnectorPage }) },
          { path: 'schedules', lazy: async () => ({ Component: (await import('../pages/schedules/schedules-page')).SchedulesPage }) },
          { path: 'dashboard', lazy: async () => ({ Component: (await import('../pages/dashboard/dashboard-page')).DashboardPage }) },
          { path: 'lists', lazy: async () => ({ Component: (await import('../pages/lists/lists-page')).ListsPage }) },
          { path: 'lists/:name', lazy: async () => ({ Component: (await import('../pages/lists/list-page')).ListPage }) },
          { path: 'rota', lazy: async () => ({ Component: (await import('../pages/rota/rota-page')).RotaPage }) },
          { path: 'users', lazy: async () => ({ Component: (await import('../pages/users/users-page')).UsersPage }) },
          { path: 'tokens', lazy: async () => ({ Component: (await import('../pages/users/tokens-page')).TokensPage }) },
          { path: 'kill-switches', lazy: async () => ({ Component: (await import('../pages/switches/switches-page')).SwitchesPage }) },
          { path: 'playbooks', lazy: async () => ({ Component: (await import('../pages/playbooks/playbooks-page')).PlaybooksPage }) },
          { path: 'playbooks/:name', lazy: async () => ({ Component: (await import('../pages/playbooks/playbook-page')).PlaybookPage }) },
          { path: 'audit', lazy: async () => ({ Component: (await import('../pages/audit/audit-page')).AuditPage }) },
          { path: '*', element: <NoPage /> },
        ],
      },
    ],
  },
]);
