import { useQuery } from '@tanstack/react-query';
import { get, patch, post, remove } from './client';
import { useChange } from './queries';

/** Roles that a user can be given; who approves stands in soar.yaml. */
export const givenRoles = ['viewer', 'analyst', 'engineer', 'auditor', 'administrator'] as const;

/** TLP 2.0, the least strict first. */
export const clearances = ['Clear', 'Green', 'Amber', 'AmberStrict', 'Red'] as const;

/** What somebody sees: the highest TLP, and folders of playbooks; '*' is all, '.' what lies in none. */
export interface Sight {
  readonly clearance: (typeof clearances)[number];
  readonly see: readonly string[];
  readonly run: readonly string[];
  readonly edit: readonly string[];
}

export interface User {
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  readonly approves: readonly string[];
  readonly sight: Sight;
  /** False: their roles give it. */
  readonly ownSight: boolean;
  readonly hasPassword: boolean;
  readonly hasTotp: boolean;
  readonly lockedUntil?: string;
  readonly disabledAt?: string;
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface OfferedCode {
  readonly name: string;
  /** Shown this once. */
  readonly code: string;
  readonly until: string;
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly usedAt?: string;
}

const of = (name: string) => `/api/users/${encodeURIComponent(name)}`;

export const useUsers = () => useQuery({ queryKey: ['users'], queryFn: async ({ signal }) => (await get<{ users: readonly User[] }>('/api/users', signal)).users });

export const useAddUser = () => useChange((user: { name: string; displayName: string; roles: readonly string[]; sight: Sight }) => post<OfferedCode>('/api/users', user), [['users']]);

export const useChangeUser = (name: string) => useChange((change: { displayName?: string; roles?: readonly string[]; sight?: Sight; disabled?: boolean }) => patch<void>(of(name), change), [['users'], ['me']]);

export const useOfferCode = (name: string) => useChange(() => post<OfferedCode>(`${of(name)}/code`), [['users']]);

export const useForgetTotp = (name: string) => useChange(() => remove(`${of(name)}/totp`), [['users']]);

export const useTokens = () => useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => get<{ tokens: readonly Token[]; scopes: readonly string[] }>('/api/tokens', signal) });

export const useAddToken = () => useChange((token: { name: string; scopes: readonly string[]; days: number }) => post<{ id: string; value: string }>('/api/tokens', token), [['tokens']]);

export const useRevokeToken = () => useChange((id: string) => remove(`/api/tokens/${id}`), [['tokens']]);
