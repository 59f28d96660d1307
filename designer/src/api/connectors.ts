import { useQuery } from '@tanstack/react-query';
import { get, post } from './client';
import { slowly, useChange } from './queries';

export interface ConnectorTest {
  /** Left out: simulated, there is nothing to reach. */
  readonly ok?: boolean;
  readonly message: string;
  readonly at: string;
  readonly tookMs: number;
  readonly by: string;
}

export interface Setting {
  readonly setting: string;
  /** Left out of a secret: that there is one is all the server says. */
  readonly value?: string;
  readonly secret: boolean;
  readonly about?: string;
}

export interface Connector {
  readonly name: string;
  readonly type: string;
  readonly summary: string;
  readonly capabilities: readonly string[];
  readonly default: boolean;
  readonly simulated: boolean;
  readonly clearance: readonly string[];
  readonly rate?: string;
  readonly source: boolean;
  readonly alerts?: { readonly alerts: number; readonly unreadable: number; readonly lastAt: string };
  readonly proven?: string;
  readonly settings: readonly Setting[];
  readonly playbooks: readonly string[];
  readonly lastTest?: ConnectorTest;
  readonly heldBy: readonly string[];
}

export interface ConnectorAction {
  readonly id: string;
  readonly signature: string;
  readonly effect: 'ReadsOnly' | 'Records' | 'Notifies' | 'Contains' | 'Destroys' | 'Lifts';
  readonly facts: readonly string[];
}

export const useConnectors = (enabled = true) => useQuery({ queryKey: ['connectors'], queryFn: async ({ signal }) => (await get<{ connectors: readonly Connector[] }>('/api/connectors', signal)).connectors, refetchInterval: slowly, enabled });

export const useConnector = (name: string) => useQuery({ queryKey: ['connectors', name], queryFn: ({ signal }) => get<{ connector: Connector; actions: readonly ConnectorAction[] }>(`/api/connectors/${encodeURIComponent(name)}`, signal), refetchInterval: slowly });

export const useTestConnector = () => useChange((name: string) => post<ConnectorTest>(`/api/connectors/${encodeURIComponent(name)}/test`), [['connectors']]);
