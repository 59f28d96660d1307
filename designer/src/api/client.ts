import type { Identity } from './types';

/** The server refused, or could not be asked. `code` is a SOAR code; the message says what happened and what to do. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The server did not answer at all. */
export const unreachable = 0;

let antiforgery: string | undefined;
let onSignedOut: () => void = () => {};

/** Called when the server says that nobody is logged in any more. */
export function whenSignedOut(action: () => void): void {
  onSignedOut = action;
}

export function rememberIdentity(identity: Identity | undefined): void {
  antiforgery = identity?.antiforgery;
}

interface Problem {
  readonly detail?: string;
  readonly code?: string;
}

/** A body that is sent as it is: no JSON. */
export interface TextBody {
  readonly type: 'text/csv';
  readonly text: string;
}

const isText = (body: unknown): body is TextBody => body !== null && typeof body === 'object' && 'type' in body && body.type === 'text/csv';

async function ask<T>(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = isText(body) ? body.type : 'application/json';
  if (antiforgery && method !== 'GET') headers['X-Soar-Antiforgery'] = antiforgery;
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : isText(body) ? body.text : JSON.stringify(body), signal, credentials: 'same-origin' });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(unreachable, '', '');
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as Problem;
  const refusal = new ApiError(response.status, problem.code ?? '', problem.detail ?? response.statusText);
  if (refusal.code === 'SOAR6001') onSignedOut();
  throw refusal;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => ask<T>('GET', path, undefined, signal);

/** A change. An antiforgery token that the server no longer knows (it was started anew) is fetched again, once. */
async function change<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  try {
    return await ask<T>(method, path, body, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'SOAR6006') throw error;
    rememberIdentity(await get<Identity>('/api/me'));
    return ask<T>(method, path, body, signal);
  }
}

export const post = <T>(path: string, body: unknown = {}, signal?: AbortSignal): Promise<T> => change<T>('POST', path, body, signal);
export const put = <T>(path: string, body: unknown): Promise<T> => change<T>('PUT', path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> => change<T>('PATCH', path, body);
export const remove = <T = void>(path: string): Promise<T> => change<T>('DELETE', path, undefined);

/** `path('/api/runs', { status: 'Failed' })`; what is undefined or empty is left out. */
export function path(base: string, query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => [name, String(value)]);
  return given.length === 0 ? base : `${base}?${new URLSearchParams(given).toString()}`;
}
