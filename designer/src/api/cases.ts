import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { get, patch, path, post, put, remove } from './client';
import { slowly, useChange } from './queries';
import type { AlertRecord, Containment, RunRow } from './types';

export const caseStatuses = ['New', 'Open', 'Contained', 'Closed'] as const;
export type CaseStatus = (typeof caseStatuses)[number];

export const resolutions = ['Resolved', 'FalsePositive', 'Benign', 'Duplicate', 'Inconclusive'] as const;
export type Resolution = (typeof resolutions)[number];

export interface CaseFile {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly severity: number;
  readonly tlp: string;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly run?: string;
  readonly alerts: number;
  readonly status: CaseStatus;
  readonly resolution?: Resolution;
  readonly priority?: number;
  readonly owner?: string;
  readonly declaredAt?: string;
  readonly declaredBy?: string;
  readonly acknowledgedAt?: string;
  readonly containedAt?: string;
  readonly closedAt?: string;
  readonly heldAt?: string;
  readonly heldBy?: string;
  readonly holdReason?: string;
  /** The number of the case in which everything lies that lay here. */
  readonly mergedInto?: number;
}

export interface CaseNote {
  readonly run: string;
  readonly step: string;
  readonly at: string;
  readonly text: string;
}

export interface CaseObservable {
  readonly run: string;
  readonly step: string;
  readonly at: string;
  readonly observable: { readonly type: string; readonly value: string };
  readonly verdict: 'Unknown' | 'Benign' | 'Suspicious' | 'Malicious';
}

export interface CaseEvidence {
  readonly item: {
    readonly id: string;
    readonly run: string;
    readonly step: string;
    readonly at: string;
    readonly description: string;
    readonly artifact: { readonly sha256: string; readonly size: number; readonly name: string; readonly mediaType: string };
  };
  readonly custody: readonly { readonly number: number; readonly what: string; readonly who: string; readonly at: string; readonly hash: string }[];
}

export interface CaseCustody {
  readonly problem?: string;
  /** By the evidence's id, what is wrong with its bytes. */
  readonly evidence: Readonly<Record<string, string>>;
}

export interface PersonsNote {
  readonly number: number;
  readonly who: string;
  readonly at: string;
  /** Markdown. */
  readonly text: string;
}

export interface CaseTask {
  readonly number: number;
  readonly title: string;
  readonly assignee?: string;
  readonly due?: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly doneAt?: string;
  readonly doneBy?: string;
}

export interface RelatedCase {
  readonly case: CaseFile;
  readonly shared: readonly string[];
  readonly count: number;
}

export interface CaseView {
  readonly case: CaseFile;
  readonly alerts: readonly AlertRecord[];
  /** What its runs wrote. */
  readonly notes: readonly CaseNote[];
  readonly peoplesNotes: readonly PersonsNote[];
  readonly tasks: readonly CaseTask[];
  readonly related: readonly RelatedCase[];
  readonly observables: readonly CaseObservable[];
  readonly evidence: readonly CaseEvidence[];
  readonly runs: readonly RunRow[];
  readonly containments: readonly Containment[];
}

export interface CaseEvent {
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly text: string;
  readonly run?: string;
  readonly alert?: number;
  readonly old?: string;
  readonly new?: string;
}

export interface CaseTimes {
  readonly cases: number;
  readonly median?: string;
  readonly p90?: string;
}

export interface CaseMetrics {
  readonly opened: number;
  readonly declared: number;
  readonly acknowledge: CaseTimes;
  readonly contain: CaseTimes;
  readonly close: CaseTimes;
}

export interface CaseFilter {
  readonly status?: string;
  readonly owner?: string;
  readonly declared?: string;
  readonly text?: string;
}

export const useCases = (filter: CaseFilter) => useInfiniteQuery({
  queryKey: ['cases', filter],
  queryFn: ({ pageParam, signal }) => get<{ cases: readonly CaseFile[]; next?: number }>(path('/api/cases', { ...filter, before: pageParam, max: 100 }), signal),
  initialPageParam: undefined as number | undefined,
  getNextPageParam: page => page.next,
  placeholderData: keepPreviousData,
  refetchInterval: slowly,
});

/** How the cases of the last thirty days went. */
export const useCaseMetrics = () => useQuery({ queryKey: ['cases', 'metrics'], queryFn: ({ signal }) => get<CaseMetrics>('/api/cases/metrics', signal), staleTime: 60_000 });

const of = (id: string) => `/api/cases/${encodeURIComponent(id)}`;

export const useCase = (id: string) => useQuery({ queryKey: ['case', id], queryFn: ({ signal }) => get<CaseView>(of(id), signal), refetchInterval: slowly });

export const useCaseTimeline = (id: string) => useQuery({ queryKey: ['case', id, 'timeline'], queryFn: async ({ signal }) => (await get<{ events: readonly CaseEvent[] }>(`${of(id)}/timeline`, signal)).events });

/** Reads every byte of the evidence: asked once, when the page opens. */
export const useCaseCustody = (id: string) => useQuery({ queryKey: ['case-custody', id], queryFn: ({ signal }) => get<CaseCustody>(`${of(id)}/custody`, signal), staleTime: Infinity });

export interface CaseEdit {
  readonly title?: string;
  /** 0 unsets it, as with the priority. */
  readonly severity?: number;
  readonly priority?: number;
  readonly tlp?: string;
  readonly status?: CaseStatus;
  readonly resolution?: Resolution;
  /** Empty: nobody. */
  readonly owner?: string;
  readonly declared?: boolean;
  readonly reason?: string;
}

const touched = [['case'], ['cases']] as const;

export const useChangeCase = (id: string) => useChange((edit: CaseEdit) => patch<CaseFile>(of(id), edit), touched);

export const useNoteCase = (id: string) => useChange((text: string) => post<PersonsNote>(`${of(id)}/notes`, { text }), touched);

export const useAddTask = (id: string) => useChange((task: { title: string; assignee?: string; due?: string }) => post<CaseTask>(`${of(id)}/tasks`, task), touched);

export const useChangeTask = (id: string) => useChange(({ number, ...edit }: { number: number; done?: boolean; assignee?: string }) => patch<CaseTask>(`${of(id)}/tasks/${number}`, edit), touched);

export const useHoldCase = (id: string) => useChange(
  ({ hold, reason }: { hold: boolean; reason: string }) => hold ? put<CaseFile>(`${of(id)}/hold`, { reason }) : remove<CaseFile>(path(`${of(id)}/hold`, { reason })), touched);

export const useMergeCase = (id: string) => useChange((body: { into: string; reason: string }) => post<CaseFile>(`${of(id)}/merge`, body), touched);

export const useSplitCase = (id: string) => useChange((body: { title: string; alerts: readonly number[]; runs: readonly string[] }) => post<CaseFile>(`${of(id)}/split`, body), touched);
