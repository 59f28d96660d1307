import { useCallback, useEffect, useRef, useState } from 'react';
import { check, draw } from '../../../api/editor';
import { readDiagram, type Diagnostic, type Diagram } from '../../../model/diagram';

export interface Drawing {
  /** The text that the diagram is of. */
  readonly text: string;
  readonly diagram: Diagram;
}

/** How long nobody changes anything before the compiler is asked. */
const settled = 250;

/**
 * The picture of a text, and what is wrong with it. The picture follows at once: one request after the other, of the newest text each time. What the compiler finds comes when it comes;
 * a check of an older text is given up.
 */
export function useDrawing(text: string, file: string, first: Drawing, known: readonly Diagnostic[] | undefined, onRefused: (problem: unknown) => void) {
  const [drawing, setDrawing] = useState(first);
  const [checked, setChecked] = useState<{ readonly text: string; readonly diagnostics: readonly Diagnostic[] }>({ text: known === undefined ? '' : first.text, diagnostics: known ?? [] });
  const newest = useRef(text);
  const shown = useRef(first.text);
  const busy = useRef(false);
  const refused = useRef(onRefused);
  useEffect(() => { refused.current = onRefused; });

  const put = useCallback((now: Drawing) => {
    shown.current = now.text;
    setDrawing(now);
  }, []);

  const follow = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    try {
      while (newest.current !== shown.current) {
        const asked = newest.current;
        const answer = await draw(asked, file);
        // What was done in the picture meanwhile came with its own.
        if (newest.current === asked || newest.current !== shown.current) put({ text: asked, diagram: readDiagram(answer.graph) });
      }
    } catch (problem) {
      refused.current(problem);
    } finally {
      busy.current = false;
    }
  }, [file, put]);

  useEffect(() => {
    newest.current = text;
    if (text !== shown.current) void follow();
  }, [text, follow]);

  useEffect(() => {
    if (text === checked.text) return undefined;
    const left = new AbortController();
    const timer = setTimeout(() => {
      check(text, file, left.signal).then(
        diagnostics => { setChecked({ text, diagnostics }); },
        (problem: unknown) => { if (!left.signal.aborted) refused.current(problem); });
    }, settled);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [text, checked.text, file]);

  return { drawing, put, diagnostics: checked.diagnostics, isChecked: checked.text === text };
}
