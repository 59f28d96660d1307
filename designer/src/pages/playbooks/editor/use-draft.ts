import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../../api/client';
import { discardDraft, saveDraft, type Draft } from '../../../api/editor';

export type DraftState = 'clean' | 'waiting' | 'saving' | 'saved' | 'conflict' | 'failed';

const pause = 1500;

/**
 * Saves what was written, a moment after the last change, and never over what somebody else saved: then it stops, tells who, and goes on once a person has chosen. What could not be sent for want of
 * a connection is sent again.
 */
export function useDraft(playbook: string, initial: Draft | null) {
  const [state, setState] = useState<DraftState>(initial ? 'saved' : 'clean');
  const [error, setError] = useState<Error>();
  const [version, setVersion] = useState(initial?.version ?? 0);
  const based = useRef(initial?.version ?? 0);
  const text = useRef<string>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sending = useRef(false);

  const save = useCallback(async (): Promise<void> => {
    clearTimeout(timer.current);
    const source = text.current;
    if (source === undefined || sending.current) return;
    sending.current = true;
    setState('saving');
    try {
      const saved = await saveDraft(playbook, source, based.current);
      based.current = saved.version;
      setVersion(saved.version);
      setError(undefined);
      setState(text.current === source ? 'saved' : 'waiting');
      if (text.current === source) text.current = undefined;
      else timer.current = setTimeout(() => { void save(); }, pause);
    } catch (problem) {
      setError(problem as Error);
      const conflict = problem instanceof ApiError && problem.code === 'SOAR6060';
      setState(conflict ? 'conflict' : 'failed');
      if (problem instanceof ApiError && problem.status === 0) timer.current = setTimeout(() => { void save(); }, 4 * pause);
    } finally {
      sending.current = false;
    }
  }, [playbook]);

  const changed = useCallback((source: string) => {
    text.current = source;
    setState(now => {
      if (now === 'conflict') return now;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => { void save(); }, pause);
      return now === 'saving' ? now : 'waiting';
    });
  }, [save]);

  /** From here on this version is known; what is written goes over it. */
  const basedOn = useCallback((known: number, source: string | undefined) => {
    based.current = known;
    text.current = source;
    setVersion(known);
    setError(undefined);
    if (source === undefined) setState('saved');
    else void save();
  }, [save]);

  const discard = useCallback(async () => {
    clearTimeout(timer.current);
    text.current = undefined;
    if (based.current > 0) await discardDraft(playbook, based.current);
    based.current = 0;
    setVersion(0);
    setState('clean');
  }, [playbook]);

  // Nothing written is lost when the page is left.
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => { if (text.current !== undefined) event.preventDefault(); };
    window.addEventListener('beforeunload', leave);
    return () => {
      window.removeEventListener('beforeunload', leave);
      clearTimeout(timer.current);
      if (text.current !== undefined && !sending.current) void saveDraft(playbook, text.current, based.current).catch(() => undefined);
    };
  }, [playbook]);

  return { state, error, version, changed, save, basedOn, discard };
}
