import { useCallback, useEffect, useMemo, useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { copyCode, draftQuery, usePalette, type Draft } from '../../../api/editor';
import type { PlaybookView } from '../../../api/types';
import type { CanvasEdits } from '../../../canvas/canvas-edits';
import { DiagramCanvas } from '../../../canvas/diagram-canvas';
import { stopOf } from '../../../model/breakpoints';
import { readDiagram, type DiagramHeader } from '../../../model/diagram';
import { lineEnds, moveBy, runOf, sameThing, spotAfter, thingOf, type PaletteEntry, type Spot } from '../../../model/edit';
import { spanOf, thingAt } from '../../../model/spans';
import { Icon } from '../../../parts/icon';
import { Loaded } from '../../../parts/page';
import { Problem } from '../../../parts/problem';
import { copied, putCopied } from './clipboard';
import { CodeEditor, type CodeHandle } from './code-editor';
import { DraftBar } from './draft-bar';
import { DryRun, useDryRun } from './dry-run';
import { Findings } from './findings';
import { Inspector } from './inspector';
import { PaletteDialog, PalettePanel } from './palette';
import { RehearsalPanel, useRehearsal } from './rehearsal-panel';
import { SideTabs, type Side } from './side-tabs';
import { TestsPanel, useDraftTests } from './tests-panel';
import { useDraft } from './use-draft';
import { useDrawing } from './use-drawing';
import { useEdits } from './use-edits';

interface EditorProps {
  readonly playbook: PlaybookView;
  /** Told what the text's header says, as it changes. */
  readonly onHeader: (header: DiagramHeader) => void;
  readonly onClose: () => void;
}

export function Editor({ playbook, onHeader, onClose }: EditorProps) {
  return <Loaded query={useQuery(draftQuery(playbook.name))}>{draft => <Editing playbook={playbook} draft={draft} onHeader={onHeader} onClose={onClose} />}</Loaded>;
}

/** The picture and the C#, both to be changed. The text is the playbook; the picture is drawn of it, and what is done in the picture becomes the smallest change of the text. */
function Editing({ playbook, draft: found, onHeader, onClose }: EditorProps & { readonly draft: Draft | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const file = `${playbook.name}.csx`;
  const source = found?.source ?? playbook.source;
  const ends = lineEnds(source);
  const initial = useRef(source.replaceAll('\r\n', '\n'));
  const code = useRef<CodeHandle>(null);
  const [text, setText] = useState(initial.current);
  const [depth, setDepth] = useState({ undo: 0, redo: 0 });
  const [selected, setSelected] = useState<string>();
  const [through, setThrough] = useState<string>();
  const [spot, setSpot] = useState<Spot>();
  const [refused, setRefused] = useState<unknown>();
  const [side, setSide] = useState<Side>('code');
  const [palette, setPalette] = useState(() => matchMedia('(min-width: 1280px)').matches);
  const draft = useDraft(playbook.name, found);
  // What is published came with its picture; a draft has to be drawn.
  const published = found === null && ends === 'lf';
  const first = useRef({ text: published ? initial.current : '', diagram: readDiagram(playbook.graph) });
  const { drawing, put, diagnostics, isChecked } = useDrawing(text, file, first.current, published ? playbook.diagnostics : undefined, setRefused);
  const { diagram } = drawing;
  const { edit, busy } = useEdits({ code, file, put, onSelect: setSelected, onRefused: setRefused });
  const written = useCallback((now: string) => ends === 'crlf' ? now.replaceAll('\n', '\r\n') : now, [ends]);
  const dry = useDryRun(playbook.name, diagram, text);
  const rehearsal = useRehearsal(playbook.name, diagram, text);
  const tests = useDraftTests(playbook.name, text);
  const entries = usePalette().data;

  const { changed } = draft;
  const onText = useCallback((now: string, steps: { undo: number; redo: number }) => {
    setText(now);
    setDepth(steps);
    setRefused(undefined);
    changed(written(now));
  }, [changed, written]);

  // Where the caret was put while the picture was of an older text: told when that picture is there.
  const pending = useRef<number>(undefined);
  const onPosition = useCallback((position: number) => {
    if (code.current?.text() === drawing.text) setSelected(thingAt(diagram, position));
    else pending.current = position;
  }, [drawing, diagram]);
  useEffect(() => {
    if (pending.current === undefined || code.current?.text() !== drawing.text) return;
    setSelected(thingAt(drawing.diagram, pending.current));
    pending.current = undefined;
  }, [drawing]);

  const { header } = diagram;
  // Told once for each header, whoever listens.
  const told = useRef(onHeader);
  told.current = onHeader;
  useEffect(() => { told.current(header); }, [header]);

  const before = useRef(diagram);
  useEffect(() => {
    const old = selected === undefined ? undefined : thingOf(before.current, selected);
    before.current = diagram;
    if (old) setSelected(sameThing(diagram, old)?.id);
  }, [diagram, selected]);

  // Only while the picture has it so: another picture, or another selection, ends it.
  useEffect(() => { setThrough(undefined); }, [selected, diagram]);
  const several = useMemo(() => selected === undefined || through === undefined ? undefined : runOf(diagram, selected, through), [diagram, selected, through]);
  const run = several === undefined || through === undefined ? {} : { through };

  const select = useCallback((id: string | undefined) => {
    setThrough(undefined);
    setSelected(id);
    const span = id === undefined ? undefined : spanOf(diagram, id);
    if (span) code.current?.reveal(span.start, span.length);
  }, [diagram]);

  const putIn = useCallback((entry: PaletteEntry, at: Spot) => { edit({ do: 'Insert', ...at, code: entry.code, ...(entry.result === undefined ? {} : { result: entry.result }) }); }, [edit]);
  const edits = useMemo<CanvasEdits>(() => ({
    onInsert: setSpot,
    onDrop: (what, at) => {
      if ('thing' in what) edit({ do: 'Move', thing: what.thing, ...at });
      else if (entries?.[what.entry]) putIn(entries[what.entry] as PaletteEntry, at);
    },
    onThrough: setThrough,
    onTitle: (thing, title) => { edit({ do: 'SetTitle', thing, title }); },
  }), [edit, entries, putIn]);

  const copy = async (thing: string, cut: boolean) => {
    await putCopied(await copyCode(code.current?.text() ?? '', file, thing, run.through));
    if (cut) edit({ do: 'Delete', thing, ...run });
  };
  const paste = useCallback((brought?: string) => {
    const piece = copied(brought);
    if (piece !== undefined) edit({ do: 'Insert', ...spotAfter(diagram, selected), code: piece });
  }, [edit, diagram, selected]);

  const stop = stopOf(diagram, selected);
  const press = (event: KeyboardEvent) => {
    if (isField(event.target)) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const to = event.altKey && event.key.startsWith('Arrow') && selected !== undefined ? moveBy(diagram, selected, event.key === 'ArrowUp' ? -1 : 1) : undefined;
    if (to && selected !== undefined) edit({ do: 'Move', thing: selected, ...to });
    else if (control && key === 'z') (event.shiftKey ? code.current?.redo() : code.current?.undo());
    else if (control && key === 'y') code.current?.redo();
    else if (control && (key === 'c' || key === 'x') && selected !== undefined && document.getSelection()?.isCollapsed !== false) copy(selected, key === 'x').catch(setRefused);
    else if (event.key === 'Delete' && selected !== undefined) edit({ do: 'Delete', thing: selected, ...run });
    else if (event.key === 'F9' && stop !== undefined) dry.toggle(stop);
    else if (event.key === '+' || event.key === 'Insert') setSpot(spotAfter(diagram, selected));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (isField(event.target)) return;
    event.preventDefault();
    paste(event.clipboardData.getData('text/plain'));
  };

  const theirs = async () => {
    const now = await client.fetchQuery({ ...draftQuery(playbook.name), staleTime: 0 });
    code.current?.replace((now?.source ?? playbook.source).replaceAll('\r\n', '\n'));
    draft.basedOn(now?.version ?? 0, undefined);
  };
  const mine = async () => {
    const now = await client.fetchQuery({ ...draftQuery(playbook.name), staleTime: 0 });
    draft.basedOn(now?.version ?? 0, written(text));
  };
  const discard = () => { draft.discard().then(onClose, setRefused); };
  const insertHere = () => { setSpot(spotAfter(diagram, selected)); };
  const marks = useMemo(() => isChecked ? diagnostics : [], [isChecked, diagnostics]);
  const errors = diagnostics.some(finding => finding.severity === 'Error');

  if (ends === 'mixed') return <p className="warn-note" role="alert">{t('editor.mixed')}</p>;
  return (
    <div className="editor" onKeyDownCapture={press} onPaste={onPaste}>
      <DraftBar draft={draft} depth={depth} palette={palette} onPalette={() => { setPalette(!palette); }} onUndo={() => code.current?.undo()} onRedo={() => code.current?.redo()} onInsert={insertHere} onDiscard={discard} onTheirs={() => { theirs().catch(setRefused); }} onMine={() => { mine().catch(setRefused); }} onClose={onClose} />
      {refused !== undefined && <div className="refused"><Problem error={refused} /><button type="button" className="icon-button" aria-label={t('app.close')} onClick={() => { setRefused(undefined); }}><Icon name="cross" size={13} /></button></div>}
      <div className={`designer${palette ? ' with-palette' : ''}`}>
        {palette && <PalettePanel onChoose={entry => { putIn(entry, spotAfter(diagram, selected)); }} />}
        <DiagramCanvas diagram={diagram} selected={selected} onSelect={select} edits={edits} several={several} breakpoints={dry.stops} marks={side === 'run' ? dry.marks : side === 'alerts' ? rehearsal.marks : undefined} taken={side === 'tests' ? tests.taken : side === 'alerts' ? rehearsal.taken : undefined} />
        <div className="code-side">
          <Inspector several={several?.size ?? 1} diagram={diagram} text={drawing.text} file={file} selected={selected} busy={busy || drawing.text !== text} onEdit={asked => { edit(asked.do === 'Delete' ? { ...asked, ...run } : asked); }} onInsert={insertHere} onCopy={(thing, cut) => { copy(thing, cut).catch(setRefused); }} onPaste={() => { paste(); }} stops={stop === undefined || selected === undefined ? undefined : dry.stops.has(selected)} onStops={() => { if (stop !== undefined) dry.toggle(stop); }} />
          <SideTabs side={side} onSide={setSide} findings={diagnostics.length} errors={errors} />
          <div className="side-body" hidden={side !== 'code'}>
            <CodeEditor ref={code} initial={initial.current} file={file} label={`${t('playbook.code')}: ${file}`} diagnostics={marks} onText={onText} onPosition={onPosition} />
            <Findings diagnostics={diagnostics} isChecked={isChecked} onLine={(line, column) => { code.current?.reveal(positionOf(text, line, column), 0); code.current?.focus(); }} />
          </div>
          {side === 'run' && <DryRun dry={dry} header={diagram.header} diagram={diagram} selected={selected} source={written(text)} errors={errors} onSelect={select} />}
          {side === 'alerts' && <RehearsalPanel rehearsal={rehearsal} diagram={diagram} source={written(text)} errors={errors} onSelect={select} />}
          {side === 'tests' && <TestsPanel tests={tests} diagram={diagram} source={written(text)} errors={errors} onSelect={select} />}
        </div>
      </div>
      {spot && <PaletteDialog onChoose={entry => { putIn(entry, spot); setSpot(undefined); }} onClose={() => { setSpot(undefined); }} />}
    </div>
  );
}

/** Whether keys belong to something that is written in. */
const isField = (target: EventTarget): boolean => target instanceof HTMLElement && target.closest('input, textarea, select, .cm-editor, [role=dialog]') !== null;

function positionOf(text: string, line: number, column: number): number {
  return text.split('\n').slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
