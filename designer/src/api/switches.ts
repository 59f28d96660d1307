import { useQuery } from '@tanstack/react-query';
import { get, path, put, remove } from './client';
import { useChange } from './queries';

/** What can be stopped by itself; reads never are. */
export const stoppable = ['Records', 'Notifies', 'Contains', 'Destroys', 'Lifts'] as const;
export type StoppableEffect = (typeof stoppable)[number];

export interface HeldEffect {
  readonly run: string;
  readonly path: string;
  readonly action: string;
  readonly instance: string;
  readonly effect: StoppableEffect;
  readonly playbook: string;
  readonly since: string;
}

export interface KillSwitch {
  readonly id: string;
  readonly connector?: string;
  readonly effect?: StoppableEffect;
  readonly playbook?: string;
  readonly by: string;
  readonly reason: string;
  readonly since: string;
  readonly liftedAt?: string;
  readonly liftedBy?: string;
  readonly liftReason?: string;
  readonly held: readonly HeldEffect[];
}

/** No event tells of a switch, and everybody has to know soon. */
const often = 5_000;

/** Newest first. */
export const useSwitches = (all: boolean) => useQuery({
  queryKey: ['kill-switches', all],
  queryFn: async ({ signal }) => (await get<{ switches: readonly KillSwitch[] }>(path('/api/kill-switches', { all: all || undefined }), signal)).switches.toReversed(),
  refetchInterval: often,
});

export interface Stop {
  readonly reason: string;
  readonly connector?: string;
  readonly effect?: StoppableEffect;
  readonly playbook?: string;
}

const touched = [['kill-switches'], ['connectors']] as const;

export const useStopEffects = () => useChange((stop: Stop) => put<KillSwitch>('/api/kill-switches', stop), touched);

export const useAllowEffects = () => useChange(({ id, reason }: { id: string; reason: string }) => remove<KillSwitch>(path(`/api/kill-switches/${id}`, { reason })), touched);
