import { useQuery } from '@tanstack/react-query';
import { get, path, post } from './client';
import { slowly, useChange } from './queries';
import type { Question } from './types';

export interface AskedPerson {
  readonly name: string;
  readonly as: string;
  /** Why four eyes keep them from answering. */
  readonly barred?: string;
}

export interface Told {
  readonly person: string;
  readonly channel: 'Mail' | 'Chat';
  readonly round: number;
  readonly state: 'Waiting' | 'Sent' | 'GivenUp';
  readonly at: string;
  readonly endedAt?: string;
  readonly problem?: string;
}

export interface QuestionPeople {
  readonly asked: readonly AskedPerson[];
  readonly told: readonly Told[];
}

export interface Duty {
  readonly role: string;
  readonly who: readonly string[];
  readonly until?: string;
  /** `roles`: the rota names nobody for this time, so it is everybody who holds the role. */
  readonly by: 'override' | 'calendar' | 'weekly' | 'roles';
}

export const useQuestionPeople = (id: string) => useQuery({ queryKey: ['questions', 'people', id], queryFn: ({ signal }) => get<QuestionPeople>(`/api/questions/${id}/people`, signal), refetchInterval: slowly });

/** Who holds which role now. */
export const useDuty = () => useQuery({ queryKey: ['rota', 'now'], queryFn: async ({ signal }) => (await get<{ roles: readonly Duty[] }>(path('/api/rota', {}), signal)).roles, staleTime: 60_000 });

export const useClaim = (id: string) => useChange((body: { release: boolean; takeOver: boolean }) => post<Question>(`/api/questions/${id}/claim`, body), [['questions']]);

export const useDelegate = (id: string) => useChange((body: { to: string; reason: string }) => post<Question>(`/api/questions/${id}/delegate`, body), [['questions']]);
