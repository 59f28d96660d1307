import { useQuery } from '@tanstack/react-query';
import { get, path, post, put } from './client';
import { useChange } from './queries';

export interface ListVersion {
  readonly name: string;
  readonly version: number;
  readonly rows: number;
  readonly columns: readonly string[];
  readonly by: string;
  readonly at: string;
}

export interface ListTable {
  readonly name: string;
  readonly version: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const of = (name: string) => `/api/lists/${encodeURIComponent(name)}`;

export const useLists = () => useQuery({ queryKey: ['lists'], queryFn: async ({ signal }) => (await get<{ lists: readonly ListVersion[] }>('/api/lists', signal)).lists, refetchInterval: 20_000 });

/** Without a version, the newest. */
export const useList = (name: string, version: number | undefined, enabled = true) => useQuery({
  queryKey: ['lists', name, version], queryFn: ({ signal }) => get<ListTable>(path(of(name), { version }), signal), enabled,
  // A version never changes.
  staleTime: version === undefined ? 2_000 : Infinity,
});

export const useListVersions = (name: string) => useQuery({ queryKey: ['lists', name, 'versions'], queryFn: async ({ signal }) => (await get<{ ofList: readonly ListVersion[] }>(`${of(name)}/versions`, signal)).ofList });

export const useSaveList = (name: string) => useChange((table: { basedOn: number; columns: readonly string[]; rows: readonly (readonly string[])[] }) => put<ListVersion>(of(name), table), [['lists']]);

export const useImportList = () => useChange(({ name, csv }: { name: string; csv: string }) => post<ListVersion>(`${of(name)}/import`, { type: 'text/csv', text: csv }), [['lists']]);
