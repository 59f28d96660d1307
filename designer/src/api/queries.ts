import { QueryClient, keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { ApiError, get, path, post, rememberIdentity, unreachable } from './client';
import type {
  Alert, AlertRecord, AnswerWord, AuditPage, AuditVerdict, Containment, Identity, Json, Permission, PlaybookRow, PlaybookView, Question, RunMode, RunPage, RunStory, RunVersion,
} from './types';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What the server refuses it refuses again; only silence is asked again, by itself, with growing pauses.
      retry: (times, error) => error instanceof ApiError && error.status === unreachable && times < 3,
    },
  },
});

export const identityQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    try {
      const identity = await get<Identity>('/api/me', signal);
      rememberIdentity(identity);
      return identity;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const useIdentity = () => useQuery(identityQuery);

/** Whether whoever is signed in may do this. The server asks too; what somebody may not do is not offered. */
export const useMay = (permission: Permission): boolean => useIdentity().data?.permissions.includes(permission) ?? false;

/** Live events make lists stale at once; this is for what no event tells, and for the time without a connection. */
export const slowly = 20_000;

export interface RunFilter {
  readonly status?: string;
  readonly playbook?: string;
  readonly caseId?: string;
}

export const useRuns = (filter: RunFilter) => useInfiniteQuery({
  queryKey: ['runs', filter],
  queryFn: ({ pageParam, signal }) => get<RunPage>(path('/api/runs', { ...filter, before: pageParam, max: 100 }), signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: page => page.next,
  placeholderData: keepPreviousData,
  refetchInterval: slowly,
});

export const useRun = (id: string, enabled = true) => useQuery({ queryKey: ['run', id], queryFn: ({ signal }) => get<RunStory>(`/api/runs/${id}`, signal), refetchInterval: slowly, enabled });

/** A version never changes: asked once. */
export const useRunVersion = (id: string) => useQuery({ queryKey: ['run-version', id], queryFn: ({ signal }) => get<RunVersion>(`/api/runs/${id}/playbook`, signal), staleTime: Infinity });

export const useQuestions = (all: boolean) => useQuery({
  queryKey: ['questions', all],
  queryFn: async ({ signal }) => (await get<{ questions: Question[] }>(path('/api/questions', { all: all || undefined }), signal)).questions,
  refetchInterval: slowly,
});

export const useMyQuestions = () => useQuery({
  queryKey: ['questions', 'mine'],
  queryFn: async ({ signal }) => (await get<{ questions: Question[] }>('/api/questions?mine=true', signal)).questions,
  refetchInterval: slowly,
});

export const useContainments = (all: boolean) => useQuery({
  queryKey: ['containments', all],
  queryFn: async ({ signal }) => (await get<{ containments: Containment[] }>(path('/api/containments', { all: all || undefined }), signal)).containments,
  refetchInterval: slowly,
});

export const usePlaybooks = () => useQuery({
  queryKey: ['playbooks'],
  queryFn: async ({ signal }) => (await get<{ playbooks: PlaybookRow[] }>('/api/playbooks', signal)).playbooks,
  staleTime: 10_000,
});

export const usePlaybook = (name: string) => useQuery({ queryKey: ['playbook', name], queryFn: ({ signal }) => get<PlaybookView>(`/api/playbooks/${encodeURIComponent(name)}`, signal), staleTime: 10_000 });

export const useAlerts = (state: string | undefined) => useQuery({
  queryKey: ['alerts', state],
  queryFn: async ({ signal }) => (await get<{ alerts: AlertRecord[] }>(path('/api/alerts', { state, max: 200 }), signal)).alerts,
  placeholderData: keepPreviousData,
  // No event tells of an alert that nothing answered.
  refetchInterval: 5_000,
});

export const useAlert = (id: string) => useQuery({ queryKey: ['alert', id], queryFn: ({ signal }) => get<AlertRecord>(`/api/alerts/${encodeURIComponent(id)}`, signal), refetchInterval: slowly });

export const useAudit = (who: string) => useInfiniteQuery({
  queryKey: ['audit', who],
  queryFn: ({ pageParam, signal }) => get<AuditPage>(path('/api/audit', { who, before: pageParam, max: 100 }), signal),
  initialPageParam: undefined as number | undefined,
  getNextPageParam: page => page.next,
  placeholderData: keepPreviousData,
});

export const useVerifyAudit = () => useMutation({ mutationFn: () => get<AuditVerdict>('/api/audit/verify') });

/**
 * A change, after which what it touched is asked for anew. `send` tells when it was done even if what sent it is gone from the page by then, as an answered question is;
 * what went wrong stands in `error`.
 */
export function useChange<In, Out>(change: (input: In) => Promise<Out>, touched: readonly QueryKey[]) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(touched.map(queryKey => client.invalidateQueries({ queryKey }))),
  });
  const send = (input: In, done: (result: Out) => void) => { mutation.mutateAsync(input).then(done, () => undefined); };
  return { send, error: mutation.error, isPending: mutation.isPending, reset: mutation.reset };
}

export interface AnswerInput {
  readonly id: string;
  readonly answer: AnswerWord;
  readonly reason: string;
  readonly value?: Json;
}

export const useAnswer = () => useChange(({ id, ...body }: AnswerInput) => post<Question>(`/api/questions/${id}/answer`, body), [['questions'], ['run'], ['runs'], ['containments']]);

export const useControlRun = (id: string) =>
  useChange(({ what, reason }: { what: 'cancel' | 'pause' | 'resume'; reason: string }) => post<{ changed: boolean }>(`/api/runs/${id}/${what}`, { text: reason }), [['run', id], ['runs']]);

export const useLift = () => useChange(({ id, reason, force }: { id: string; reason: string; force: boolean }) => post<Containment>(`/api/containments/${id}/lift`, { reason, force }), [['containments'], ['case']]);

export const useStartRun = () => useChange((body: { playbook: string; inputs: Record<string, Json>; mode: RunMode; alert?: Alert | Json; case?: string }) => post<{ id: string }>('/api/runs', body), [['runs'], ['case']]);

export const useAskAgain = (id: string) => useChange(() => post<unknown>(`/api/alerts/${encodeURIComponent(id)}/ask-again`), [['alert', id], ['alerts']]);
