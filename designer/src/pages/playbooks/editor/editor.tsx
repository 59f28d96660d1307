import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { draftQuery, draw, editText, type Draft } from '../../../api/editor';
import type { PlaybookView } from '../../../api/types';
import { DiagramCanvas } from '../../../canvas/diagram-canvas';
import { readDiagram, type Diagnostic, type Diagram } from '../../../model/diagram';
import { landing, lineEnds, moveBy, spotAfter, type Edit, type PaletteEntry, type Spot } from '../../../model/edit';
import { spanOf, thingAt } from '../../../model/spans';
import { Icon } from '../../../parts/icon';
import { Loaded } from '../../../parts/page';
import { Problem } from '../../../parts/problem';
import { CodeEditor, type CodeHandle } from './code-editor';
import { DraftBar } from './draft-bar';
import { Inspector } from './inspector';
import { PaletteDialog } from './palette-dialog';
import { useDraft } from './use-draft';

/** How long nobody types before the picture follows. */
const settled = 120;

export function Editor({ playbook, onClose }: { readonly playbook: PlaybookView; readonly onClose: () => void }) {
  return <Loaded query={useQuery(draftQuery(playbook.name))}>{draft => <Editing playbook={playbook} draft={draft} onClose={onClose} />}</Loaded>;
}

/** The picture and the C#, both to be changed. The text is the playbook; the picture is drawn of it, and what is done in the picture becomes the smallest change of the text. */
function Editing({ playbook, draft: found, onClose }: { readonly playbook: PlaybookView; readonly draft: Draft | null; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const file = `${playbook.name}.csx`;
  const source = found?.source ?? playbook.source;
  const ends = lineEnds(source);
  const initial = useRef(source.replaceAll('\r\n', '\n'));
  const code = useRef<CodeHandle>(null);
  const [text, setText] = useState(initial.current);
  const [drawn, setDrawn] = useState<{ readonly text: string; readonly diagram: Diagram; readonly diagnostics: readonly Diagnostic[] }>(() => ({
    // What is published came with its picture; a draft has to be drawn.
    text: found === null && ends === 'lf' ? initial.current : '', diagram: readDiagram(playbook.graph), diagnostics: found === null ? playbook.diagnostics : [],
  }));
  const [depth, setDepth] = useState({ undo: 0, redo: 0 });
  const [selected, setSelected] = useState<string>();
  const [spot, setSpot] = useState<Spot>();
  const [refused, setRefused] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const draft = useDraft(playbook.name, found);
  const { diagram } = drawn;

  const { changed } = draft;
  const onText = useCallback((now: string, steps: { undo: number; redo: number }) => {
    setText(now);
    setDepth(steps);
    setRefused(undefined);
    changed(ends === 'crlf' ? now.replaceAll('\n', '\r\n') : now);
  }, [changed, ends]);

  // What was typed is drawn; what was done in the picture came with its picture.
  useEffect(() => {
    if (text === drawn.text) return undefined;
    const left = new AbortController();
    const timer = setTimeout(() => {
      draw(text, file, left.signal).then(
        answer => { setDrawn({ text, diagram: readDiagram(answer.graph), diagnostics: answer.diagnostics }); },
        (problem: unknown) => { if (!left.signal.aborted) setRefused(problem); });
    }, settled);
    return () => { clearTimeout(timer); left.abort(); };
  }, [text, drawn.text, file]);

  const last = useRef(Promise.resolve());
  // One after the other: each counts from the text that the one before left.
  const edit = useCallback((asked: Edit) => {
    setBusy(true);
    last.current = last.current.then(() => make(asked)).catch(setRefused).finally(() => { setBusy(false); });

    async function make(wanted: Edit): Promise<void> {
      const before = code.current?.text() ?? '';
      const answer = await editText(before, file, wanted);
      // Somebody typed meanwhile: the changes count from another text.
      if (code.current?.text() !== before) return;
      const next = readDiagram(answer.graph);
      code.current.apply(answer.changes);
      setDrawn({ text: code.current.text(), diagram: next, diagnostics: answer.diagnostics });
      const at = landing(answer.changes);
      if (wanted.do === 'Delete') setSelected(undefined);
      else if (wanted.do !== 'SetHeader' && wanted.do !== 'SetArgument' && at !== undefined) {
        const id = thingAfter(next, at);
        const span = id === undefined ? undefined : spanOf(next, id);
        setSelected(id);
        if (span) code.current.reveal(span.start, span.length);
      }
    }
  }, [file]);

  const select = useCallback((id: string | undefined) => {
    setSelected(id);
    const span = id === undefined ? undefined : spanOf(diagram, id);
    if (span) code.current?.reveal(span.start, span.length);
  }, [diagram]);

  const insert = (entry: PaletteEntry) => {
    if (spot) edit({ do: 'Insert', ...spot, code: entry.code, ...(entry.result === undefined ? {} : { result: entry.result }) });
    setSpot(undefined);
  };

  const press = (event: KeyboardEvent) => {
    const inField = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, .cm-editor, [role=dialog]') !== null;
    if (inField) return;
    const control = event.ctrlKey || event.metaKey;
    const step = event.key === 'ArrowUp' ? -1 : 1;
    const to = event.altKey && event.key.startsWith('Arrow') && selected !== undefined ? moveBy(diagram, selected, step) : undefined;
    if (to && selected !== undefined) edit({ do: 'Move', thing: selected, ...to });
    else if (control && event.key.toLowerCase() === 'z') (event.shiftKey ? code.current?.redo() : code.current?.undo());
    else if (control && event.key.toLowerCase() === 'y') code.current?.redo();
    else if (event.key === 'Delete' && selected !== undefined) edit({ do: 'Delete', thing: selected });
    else if (event.key === '+' || event.key === 'Insert') setSpot(spotAfter(diagram, selected));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const theirs = async () => {
    const now = await client.fetchQuery({ ...draftQuery(playbook.name), staleTime: 0 });
    code.current?.replace((now?.source ?? playbook.source).replaceAll('\r\n', '\n'));
    draft.basedOn(now?.version ?? 0, undefined);
  };
  const mine = async () => {
    const now = await client.fetchQuery({ ...draftQuery(playbook.name), staleTime: 0 });
    draft.basedOn(now?.version ?? 0, ends === 'crlf' ? text.replaceAll('\n', '\r\n') : text);
  };
  const discard = () => { draft.discard().then(onClose, setRefused); };
  const diagnostics = useMemo(() => drawn.text === text ? drawn.diagnostics : [], [drawn, text]);

  if (ends === 'mixed') return <p className="warn-note" role="alert">{t('editor.mixed')}</p>;
  return (
    <div className="editor" onKeyDownCapture={press}>
      <DraftBar draft={draft} depth={depth} onUndo={() => code.current?.undo()} onRedo={() => code.current?.redo()} onInsert={() => { setSpot(spotAfter(diagram, selected)); }} onDiscard={discard} onTheirs={() => { theirs().catch(setRefused); }} onMine={() => { mine().catch(setRefused); }} onClose={onClose} />
      {refused !== undefined && <div className="refused"><Problem error={refused} /><button type="button" className="icon-button" aria-label={t('app.close')} onClick={() => { setRefused(undefined); }}><Icon name="cross" size={13} /></button></div>}
      <div className="designer">
        <DiagramCanvas diagram={diagram} selected={selected} onSelect={select} onInsert={setSpot} />
        <div className="code-side">
          <Inspector diagram={diagram} text={drawn.text === text ? text : drawn.text} selected={selected} busy={busy || drawn.text !== text} onEdit={edit} onInsert={() => { setSpot(spotAfter(diagram, selected)); }} />
          <CodeEditor ref={code} initial={initial.current} file={file} label={`${t('playbook.code')}: ${file}`} diagnostics={diagnostics} onText={onText} onPosition={position => { setSelected(thingAt(diagram, position)); }} />
          <Findings diagnostics={drawn.diagnostics} onLine={(line, column) => { code.current?.reveal(positionOf(text, line, column), 0); code.current?.focus(); }} />
        </div>
      </div>
      {spot && <PaletteDialog onChoose={insert} onClose={() => { setSpot(undefined); }} />}
    </div>
  );
}

function Findings({ diagnostics, onLine }: { readonly diagnostics: readonly Diagnostic[]; readonly onLine: (line: number, column: number) => void }) {
  const { t } = useTranslation();
  if (diagnostics.length === 0) return <p className="findings good" role="status"><Icon name="check" size={13} /> {t('playbook.noFindings')}</p>;
  return (
    <ul className="findings" aria-label={t('playbook.findings')}>
      {diagnostics.map((finding, i) => (
        <li key={i} className={finding.severity.toLowerCase()}>
          <button type="button" className="link" onClick={() => { onLine(finding.line, finding.column); }}>{t('playbook.line', { line: finding.line })}</button> <code>{finding.code}</code> {finding.message} <span className="soft">{finding.remedy}</span>
        </li>
      ))}
    </ul>
  );
}

/** The thing that begins at or just behind a position, where an `await` or a title stands before it. */
function thingAfter(diagram: Diagram, position: number): string | undefined {
  const behind = [...diagram.nodes, ...diagram.groups].filter(thing => thing.id !== 'start' && thing.span.start >= position && thing.span.length > 0 && !['arm', 'branch', 'try'].includes(thing.kind));
  return behind.sort((a, b) => a.span.start - b.span.start || b.span.length - a.span.length)[0]?.id;
}

function positionOf(text: string, line: number, column: number): number {
  return text.split('\n').slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
