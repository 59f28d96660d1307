import { useCallback, useRef, useState, type RefObject } from 'react';
import { editText } from '../../../api/editor';
import { readDiagram, type Diagram } from '../../../model/diagram';
import { landing, type Edit } from '../../../model/edit';
import { spanOf } from '../../../model/spans';
import type { CodeHandle } from './code-editor';
import type { Drawing } from './use-drawing';

interface EditsProps {
  readonly code: RefObject<CodeHandle | null>;
  readonly file: string;
  readonly put: (drawing: Drawing) => void;
  readonly onSelect: (id: string | undefined) => void;
  readonly onRefused: (problem: unknown) => void;
}

/** Sends what is done in the picture, one after the other, because each counts from the text that the one before left; and applies the changes that come back. */
export function useEdits({ code, file, put, onSelect, onRefused }: EditsProps) {
  const [busy, setBusy] = useState(false);
  const last = useRef(Promise.resolve());
  const edit = useCallback((asked: Edit) => {
    setBusy(true);
    last.current = last.current.then(() => make(asked)).catch(onRefused).finally(() => { setBusy(false); });

    async function make(wanted: Edit): Promise<void> {
      const before = code.current?.text() ?? '';
      const answer = await editText(before, file, wanted);
      // Somebody typed meanwhile: the changes count from another text.
      if (code.current?.text() !== before) return;
      const next = readDiagram(answer.graph);
      code.current.apply(answer.changes);
      put({ text: code.current.text(), diagram: next });
      const at = landing(answer.changes);
      if (wanted.do === 'Delete') onSelect(undefined);
      else if (at !== undefined && !['SetHeader', 'SetHeaderLine', 'SetArgument'].includes(wanted.do)) {
        const id = thingAfter(next, at);
        const span = id === undefined ? undefined : spanOf(next, id);
        onSelect(id);
        if (span) code.current.reveal(span.start, span.length);
      }
    }
  }, [code, file, put, onSelect, onRefused]);
  return { edit, busy };
}

/** The thing that begins at or just behind a position, where an `await` or a title stands before it. */
function thingAfter(diagram: Diagram, position: number): string | undefined {
  const behind = [...diagram.nodes, ...diagram.groups].filter(thing => thing.id !== 'start' && thing.span.start >= position && thing.span.length > 0 && !['arm', 'branch', 'try'].includes(thing.kind));
  return behind.sort((a, b) => a.span.start - b.span.start || b.span.length - a.span.length)[0]?.id;
}
