import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CaseMetrics } from './cases';
import { get, path } from './client';
import { slowly } from './queries';

export interface Day {
  readonly from: string;
  readonly alerts: number;
  readonly runs: number;
  readonly failed: number;
}

export interface Dashboard {
  readonly now: {
    readonly from: string;
    readonly until: string;
    /** False: there was more than is counted. */
    readonly whole: boolean;
    readonly days: readonly Day[];
    readonly alerts: { readonly came: number; readonly waiting: number; readonly answered: number; readonly unwanted: number; readonly failed: number; readonly repeats: number; readonly suppressed: number };
    /** `alone` of `completed` asked nobody. */
    readonly runs: { readonly started: number; readonly completed: number; readonly alone: number; readonly failed: number; readonly cancelled: number; readonly underWay: number };
    readonly failing: readonly { readonly playbook: string; readonly failed: number; readonly started: number }[];
    readonly questions: { readonly open: number; readonly overdue: number; readonly oldest?: string };
    readonly openCases: number;
    readonly newCases: number;
    readonly containments: number;
  };
  readonly cases: CaseMetrics;
}

/** Since a day's beginning here, so that a day of the chart is a day of whoever looks. */
export const useDashboard = (from: Date) => useQuery({
  queryKey: ['dashboard', from.toISOString()],
  queryFn: ({ signal }) => get<Dashboard>(path('/api/dashboard', { from: from.toISOString() }), signal),
  placeholderData: keepPreviousData,
  refetchInterval: slowly,
});
