import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Diagnostic } from '../model/diagram';
import type { Edit, PaletteEntry, TextChange } from '../model/edit';
import { ApiError, get, post, put, remove } from './client';
import type { Json } from './types';

export interface Drawn {
  readonly graph: Json;
  readonly diagnostics: readonly Diagnostic[];
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

export const draw = (text: string, file: string, signal: AbortSignal) => post<Drawn>('/api/editor/diagram', { text, file }, signal);
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
