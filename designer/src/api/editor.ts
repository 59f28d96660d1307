import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Diagnostic } from '../model/diagram';
import type { Edit, PaletteEntry, TextChange } from '../model/edit';
import { ApiError, get, post, put, remove } from './client';
import type { Alert, AnswerWord, Json, RunStatus } from './types';

export interface Drawn {
  readonly graph: Json;
}

export interface Edited extends Drawn {
  readonly changes: readonly TextChange[];
}

export interface Draft {
  readonly playbook: string;
  readonly version: number;
  readonly source: string;
  readonly savedBy: string;
  readonly savedAt: string;
}

export interface CompletionItem {
  readonly name: string;
  readonly kind: 'Capability' | 'Action' | 'Method' | 'Property' | 'Type' | 'Value' | 'Local';
  readonly signature: string;
  readonly summary: string;
}

export const draw = (text: string, file: string, signal?: AbortSignal) => post<Drawn>('/api/editor/diagram', { text, file }, signal);
export const check = async (text: string, file: string, signal: AbortSignal) => (await post<{ diagnostics: Diagnostic[] }>('/api/editor/check', { text, file }, signal)).diagnostics;
export const copyCode = async (text: string, file: string, thing: string, through: string | undefined) => (await post<{ code: string }>('/api/editor/copy', { text, file, thing, ...(through === undefined ? {} : { through }) })).code;
export const editText = (text: string, file: string, edit: Edit) => post<Edited>('/api/editor/edit', { text, file, edit });
export const completeAt = async (text: string, file: string, position: number, signal: AbortSignal) => (await post<{ completions: CompletionItem[] }>('/api/editor/complete', { text, file, position }, signal)).completions;

export const usePalette = () => useQuery({ queryKey: ['palette'], queryFn: async ({ signal }) => (await get<{ entries: PaletteEntry[] }>('/api/editor/palette', signal)).entries, staleTime: 60_000 });

const draftPath = (playbook: string) => `/api/drafts/${encodeURIComponent(playbook)}`;

/** Null where nobody has begun one. Asked anew whenever the editor opens: what somebody else saved must not come from a memory. */
export const draftQuery = (playbook: string) => queryOptions({
  queryKey: ['draft', playbook],
  queryFn: async ({ signal }) => {
    try {
      return await get<Draft>(draftPath(playbook), signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
  staleTime: Infinity, gcTime: 0,
});

export const saveDraft = (playbook: string, source: string, basedOn: number) => put<Draft>(draftPath(playbook), { source, basedOn });
export const discardDraft = (playbook: string, version: number) => remove(`${draftPath(playbook)}?version=${version}`);

export interface Tested {
  readonly name: string;
  readonly line: number;
  readonly status: 'Passed' | 'Failed' | 'Skipped';
  readonly milliseconds: number;
  readonly failures: readonly string[];
}

export interface TestsView {
  readonly file?: string;
  readonly tests: readonly Tested[];
  readonly problem?: string;
  readonly branches: number;
  readonly taken: readonly string[];
  readonly untaken: readonly string[];
}

export interface Trial {
  readonly source: string;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly alert?: Alert;
  /** Steps before which it stops. */
  readonly breakpoints: readonly string[];
  /** Stops before the first one. */
  readonly step: boolean;
}

/** Where a dry run stands that is followed step by step. */
export interface Stop {
  readonly status: RunStatus;
  readonly at?: { readonly step: string; readonly action: string; readonly instance: string; readonly title?: string; readonly line: number; readonly arguments: Json };
}

export const dryRun = (playbook: string, trial: Trial) => post<{ id: string }>(`${draftPath(playbook)}/dry-run`, trial);
export const goOn = (run: string, breakpoints: readonly string[], step: boolean) => post<unknown>(`/api/drafts/dry-runs/${run}/continue`, { breakpoints, step });
/** Below the run's own key: what makes that stale makes this stale. */
export const useStop = (run: string, enabled: boolean) => useQuery({ queryKey: ['run', run, 'stop'], queryFn: ({ signal }) => get<Stop>(`/api/drafts/dry-runs/${run}/stop`, signal), enabled });
export const testDraft = (playbook: string, source: string) => post<TestsView>(`${draftPath(playbook)}/tests`, { source });
export const answerDryRun = (question: string, answer: AnswerWord, reason: string) => post<unknown>(`/api/drafts/dry-runs/${question}/answer`, { answer, reason });

export type RehearsalVerdict = 'Wanted' | 'NotWanted' | 'Failed';
export type DifferenceKind = 'EffectAdded' | 'EffectGone' | 'EffectChanged' | 'Verdict' | 'Outcome' | 'StepAdded' | 'StepGone' | 'StepChanged';

export interface RehearsalDifference {
  readonly kind: DifferenceKind;
  readonly step: string;
  readonly action: string;
  readonly from?: string;
  readonly to?: string;
}

export interface RehearsedRun {
  readonly verdict: RehearsalVerdict;
  readonly outcome?: string;
  readonly reason?: string;
  readonly steps: readonly { readonly path: string; readonly action: string; readonly instance: string; readonly effect?: string; readonly depth: number; readonly arguments?: Json; readonly ended?: string; readonly result?: Json }[];
  readonly left: number;
  readonly questions: readonly string[];
  readonly taken: readonly string[];
}

export interface RehearsedAlert {
  readonly number: number;
  readonly alert: string;
  readonly title: string;
  readonly category: string;
  readonly source: string;
  readonly receivedAt: string;
  readonly differences: readonly RehearsalDifference[];
  readonly draft: RehearsedRun;
  readonly published?: RehearsedRun;
}

export interface Rehearsal {
  readonly against?: string;
  readonly problem?: string;
  readonly alerts: readonly RehearsedAlert[];
  readonly unreached: number;
}

export const rehearse = (playbook: string, source: string, refuse: boolean, signal: AbortSignal) => post<Rehearsal>(`${draftPath(playbook)}/rehearsal`, { source, refuse }, signal);
