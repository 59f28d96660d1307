import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, isolateHistory, redo, redoDepth, undo, undoDepth } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { csharp } from '@codemirror/legacy-modes/mode/clike';
import { setDiagnostics, type Diagnostic as Mark } from '@codemirror/lint';
import { EditorState, Transaction } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import { completeAt, type CompletionItem } from '../../../api/editor';
import type { Diagnostic } from '../../../model/diagram';
import type { TextChange } from '../../../model/edit';

/** What the picture does to the text: each change is one that undo takes back by itself. */
export interface CodeHandle {
  text: () => string;
  apply: (changes: readonly TextChange[]) => void;
  replace: (text: string) => void;
  undo: () => void;
  redo: () => void;
  reveal: (start: number, length: number) => void;
  focus: () => void;
}

export interface Depth {
  readonly undo: number;
  readonly redo: number;
}

interface CodeEditorProps {
  readonly ref: Ref<CodeHandle>;
  readonly initial: string;
  readonly file: string;
  readonly label: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly onText: (text: string, depth: Depth) => void;
  /** A person put the caret there. */
  readonly onPosition: (position: number) => void;
}

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '12.5px', backgroundColor: 'var(--card)', color: 'var(--ink)' },
  '&.cm-focused': { outline: 'none', boxShadow: 'inset 0 0 0 2px var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--card)', color: 'var(--soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--accent-ground) 45%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent)' },
  '.cm-tooltip': { backgroundColor: 'var(--card)', border: '1px solid var(--hair-strong)', color: 'var(--ink)', borderRadius: '7px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-ground)', color: 'var(--accent)' },
  '.cm-completionInfo': { maxWidth: '420px', whiteSpace: 'pre-wrap' },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--c-comment)', fontStyle: 'italic' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--c-string)' },
  { tag: tags.keyword, color: 'var(--c-keyword)' },
  { tag: [tags.number, tags.bool, tags.atom], color: 'var(--c-number)' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--c-type)' },
]);

const kinds: Record<CompletionItem['kind'], string> = { Capability: 'namespace', Action: 'function', Method: 'method', Property: 'property', Type: 'class', Value: 'constant', Local: 'variable' };

/** C# to write: an accessible text field that colours, completes and marks what the checker finds. Tab leaves it, as everywhere on a page. */
export function CodeEditor({ ref, initial, file, label, diagnostics, onText, onPosition }: CodeEditorProps) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const told = useRef({ onText, onPosition });
  useEffect(() => { told.current = { onText, onPosition }; });
  useEffect(() => {
    const made = new EditorView({
      parent: holder.current ?? document.body,
      state: EditorState.create({
        doc: initial,
        extensions: [
          lineNumbers(), history(), drawSelection(), highlightActiveLine(), highlightActiveLineGutter(), bracketMatching(), closeBrackets(), EditorView.lineWrapping, indentUnit.of('    '),
          StreamLanguage.define(csharp), syntaxHighlighting(colours), look,
          autocompletion({ override: [context => offered(context, file)], icons: false }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
          EditorView.updateListener.of(update => {
            if (update.docChanged) told.current.onText(update.state.doc.toString(), { undo: undoDepth(update.state), redo: redoDepth(update.state) });
            else if (update.transactions.some(each => each.isUserEvent('select'))) told.current.onPosition(update.state.selection.main.head);
          }),
        ],
      }),
    });
    view.current = made;
    return () => { made.destroy(); };
    // The text lives in the editor from here on: what comes later comes through the handle.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => {
    const at = view.current;
    if (at) at.dispatch(setDiagnostics(at.state, marks(at.state, diagnostics)));
  }, [diagnostics]);
  useImperativeHandle(ref, () => ({
    text: () => view.current?.state.doc.toString() ?? '',
    apply: changes => { view.current?.dispatch({ changes: changes.map(each => ({ from: each.start, to: each.start + each.length, insert: each.text })), annotations: [isolateHistory.of('full'), Transaction.userEvent.of('input.picture')] }); },
    replace: text => { const at = view.current; at?.dispatch({ changes: { from: 0, to: at.state.doc.length, insert: text }, annotations: isolateHistory.of('full') }); },
    undo: () => { if (view.current) undo(view.current); },
    redo: () => { if (view.current) redo(view.current); },
    reveal: (start, length) => {
      const at = view.current;
      if (!at) return;
      const [from, to] = [Math.min(start, at.state.doc.length), Math.min(start + length, at.state.doc.length)];
      at.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'nearest', yMargin: 60 }) });
    },
    focus: () => view.current?.focus(),
  }), []);
  return <div className="code-edit" ref={holder} />;
}

async function offered(context: CompletionContext, file: string): Promise<CompletionResult | null> {
  const word = context.matchBefore(/\w*/);
  const dot = context.matchBefore(/\.\w*$/);
  if (!word || (!context.explicit && !dot && word.from === word.to)) return null;
  const left = new AbortController();
  context.addEventListener('abort', () => { left.abort(); });
  const found = await completeAt(context.state.doc.toString(), file, context.pos, left.signal).catch(() => []);
  return { from: word.from, validFor: /^\w*$/, options: found.map(each => ({ label: each.name, type: kinds[each.kind], detail: each.kind === 'Local' ? '' : each.signature.slice(0, 80), info: each.summary === '' ? undefined : `${each.signature}\n\n${each.summary}` })) };
}

function marks(state: EditorState, diagnostics: readonly Diagnostic[]): Mark[] {
  const at = (line: number, column: number) => {
    const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
    return Math.min(found.from + Math.max(0, column - 1), found.to);
  };
  return diagnostics.map(each => {
    const from = at(each.line, each.column);
    const to = Math.max(from, at(each.endLine, each.endColumn));
    return { from, to, severity: each.severity === 'Error' ? 'error' as const : 'warning' as const, source: each.code, message: `${each.message} ${each.remedy}`.trim() };
  }).sort((a, b) => a.from - b.from);
}
