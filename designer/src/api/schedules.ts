import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, path } from './client';
import { slowly } from './queries';

export type FiringState = 'Due' | 'Queued' | 'Started' | 'Skipped' | 'Failed';

export interface Firing {
  readonly number: number;
  readonly schedule: string;
  readonly due: string;
  readonly fired: string;
  readonly state: FiringState;
  readonly run?: string;
  readonly reason?: string;
}

export interface Misses {
  readonly schedule: string;
  readonly first: string;
  readonly last: string;
  readonly times: number;
  readonly policy: 'Once' | 'Skip' | 'All';
}

export interface Schedule {
  readonly name: string;
  readonly playbook: string;
  readonly version: string;
  readonly cron: string;
  readonly zone: string;
  readonly calendar?: string;
  readonly missed: 'Once' | 'Skip' | 'All';
  readonly overlap: 'Skip' | 'Queue' | 'CancelPrevious' | 'Allow';
  readonly enabled: boolean;
  readonly problem?: string;
  readonly next: readonly string[];
  readonly maintenance?: string;
  readonly last?: Firing;
}

export interface Planned {
  readonly schedule: string;
  readonly playbook: string;
  readonly due: string;
  readonly maintenance?: string;
}

export interface Calendar {
  readonly planned: readonly Planned[];
  readonly firings: readonly Firing[];
  readonly misses: readonly Misses[];
  /** False: some schedule fires more often than is shown. */
  readonly whole: boolean;
}

export const useSchedules = () => useQuery({ queryKey: ['schedules'], queryFn: ({ signal }) => get<{ schedules: readonly Schedule[]; unknown: readonly string[] }>('/api/schedules', signal), refetchInterval: slowly });

export const useCalendar = (from: Date, until: Date) => useQuery({
  queryKey: ['schedules', 'calendar', from.toISOString(), until.toISOString()],
  queryFn: ({ signal }) => get<Calendar>(path('/api/calendar', { from: from.toISOString(), until: until.toISOString() }), signal),
  placeholderData: keepPreviousData,
  refetchInterval: slowly,
});
