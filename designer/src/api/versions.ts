import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, path, post } from './client';

export interface PublishedVersion {
  readonly playbook: string;
  readonly version: string;
  readonly content: string;
  readonly author: string;
  readonly reviewer?: string;
  readonly commit?: string;
  readonly note: string;
  readonly tests: number;
  readonly publishedBy: string;
  readonly publishedAt: string;
  readonly current: boolean;
}

export interface Turn {
  /** Left out: withdrawn. */
  readonly version?: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

export interface Review {
  readonly id: string;
  readonly playbook: string;
  readonly version: string;
  readonly draft: number;
  readonly author: string;
  readonly writers: readonly string[];
  readonly note: string;
  readonly tests: number;
  readonly submittedAt: string;
  readonly state: 'Open' | 'Approved' | 'Refused' | 'Withdrawn' | 'Replaced' | 'Published';
  readonly reviewer?: string;
  readonly reason: string;
  readonly mayDecide: boolean;
}

export interface ReviewComment {
  readonly by: string;
  readonly at: string;
  readonly text: string;
  readonly line?: number;
}

export interface ComparedLine {
  readonly change: 'Same' | 'Removed' | 'Added';
  readonly text: string;
  readonly from?: number;
  readonly to?: number;
}

export interface FieldChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

export interface DiagramChange {
  readonly change: 'Added' | 'Removed' | 'Changed' | 'Moved';
  readonly id: string;
  readonly label: string;
  readonly fields: readonly FieldChange[];
  readonly fromLine?: number;
  readonly toLine?: number;
}

export interface Compared {
  readonly from: string;
  readonly to: string;
  readonly text: readonly { readonly head: string; readonly lines: readonly ComparedLine[] }[];
  readonly diagram: { readonly header: readonly FieldChange[]; readonly things: readonly DiagramChange[] };
}

const playbookPath = (name: string) => `/api/playbooks/${encodeURIComponent(name)}`;

export const useVersions = (name: string) => useQuery({
  queryKey: ['versions', name],
  queryFn: ({ signal }) => get<{ versions: PublishedVersion[]; turns: Turn[] }>(`${playbookPath(name)}/versions`, signal),
  refetchInterval: 20_000,
});

export interface UserOf {
  readonly playbook: string;
  readonly version: string;
  readonly line: number;
}

/** The playbooks that start this one with Run. */
export const useUsers = (name: string) => useQuery({ queryKey: ['used-by', name], queryFn: async ({ signal }) => (await get<{ playbooks: UserOf[] }>(`${playbookPath(name)}/used-by`, signal)).playbooks, staleTime: 60_000 });

/** What is in hand of a playbook: open, or approved and not published yet. */
export const useReviews = (name: string) => useQuery({
  queryKey: ['reviews', name],
  queryFn: async ({ signal }) => (await get<{ reviews: Review[] }>(path('/api/reviews', { playbook: name }), signal)).reviews,
  refetchInterval: 20_000,
});

export const useReview = (id: string) => useQuery({ queryKey: ['review', id], queryFn: ({ signal }) => get<{ review: Review; source: string; comments: ReviewComment[] }>(`/api/reviews/${id}`, signal) });

export const useComparison = (name: string, from: string, to: string) =>
  useQuery({ queryKey: ['compare', name, from, to], queryFn: ({ signal }) => get<Compared>(path(`${playbookPath(name)}/compare`, { from, to }), signal) });

export type VersionChange =
  | { readonly do: 'submit'; readonly draft: number; readonly note: string }
  | { readonly do: 'comment'; readonly review: string; readonly text: string }
  | { readonly do: 'decide'; readonly review: string; readonly approve: boolean; readonly reason: string }
  | { readonly do: 'withdraw' | 'publish'; readonly review: string }
  | { readonly do: 'rollBack'; readonly version: string; readonly reason: string };

function send(name: string, change: VersionChange): Promise<unknown> {
  switch (change.do) {
    case 'submit': return post('/api/reviews', { playbook: name, draft: change.draft, note: change.note });
    case 'comment': return post(`/api/reviews/${change.review}/comments`, { text: change.text });
    case 'decide': return post(`/api/reviews/${change.review}/decision`, { approve: change.approve, reason: change.reason });
    case 'rollBack': return post(`${playbookPath(name)}/roll-back`, { version: change.version, reason: change.reason });
    default: return post(`/api/reviews/${change.review}/${change.do}`);
  }
}

/** One change on a playbook's way to being published; everything that shows it is asked for anew. */
export function useVersionChange(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: VersionChange) => send(name, change),
    onSettled: () => Promise.all([['versions', name], ['reviews', name], ['review'], ['compare', name], ['playbook', name], ['playbooks'], ['draft-state', name]].map(queryKey => client.invalidateQueries({ queryKey }))),
  });
}
