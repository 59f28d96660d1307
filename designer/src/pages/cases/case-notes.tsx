import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNoteCase, type CaseView } from '../../api/cases';
import { useMay } from '../../api/queries';
import { TextArea } from '../../parts/field';
import { Markdown } from '../../parts/markdown';
import { Section } from '../../parts/page';
import { Problem } from '../../parts/problem';
import { At } from '../../parts/time';
import { Foreign } from '../../parts/value';

/** What people and runs wrote, newest first. People write Markdown; what a run wrote holds words of others and stays as it is. */
export function CaseNotes({ view }: { readonly view: CaseView }) {
  const { t } = useTranslation();
  const may = useMay('WorkCases') && view.case.mergedInto === undefined;
  const notes = useMemo(() => [
    ...view.peoplesNotes.map(note => ({ key: `p${note.number}`, at: note.at, by: <strong>{note.who}</strong>, body: <Markdown text={note.text} /> })),
    ...view.notes.map((note, i) => ({ key: `r${i}`, at: note.at, by: <Link to={`/runs/${note.run}`}>{t('inbox.run')} <code>{note.run.slice(-8)}</code></Link>, body: <p className="written"><Foreign text={note.text} max={20_000} /></p> })),
  ].sort((one, other) => Date.parse(other.at) - Date.parse(one.at)), [view.peoplesNotes, view.notes, t]);
  return (
    <Section title={t('case.notes')}>
      {may && <Compose id={view.case.id} />}
      {notes.length === 0 && <p className="soft">{t('case.noNotes')}</p>}
      {notes.map(note => <article key={note.key} className="note"><header className="soft small"><At at={note.at} /> · {note.by}</header>{note.body}</article>)}
    </Section>
  );
}

function Compose({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const note = useNoteCase(id);
  const [text, setText] = useState('');
  const [looking, setLooking] = useState(false);
  const send = () => { if (text.trim() !== '') note.send(text, () => { setText(''); setLooking(false); }); };
  return (
    <form className="compose" onSubmit={event => { event.preventDefault(); send(); }}>
      {note.error && <Problem error={note.error} />}
      <TextArea label={t('case.newNote')} value={text} onValue={setText} maxLength={50_000} placeholder={t('case.noteHint')} onKeyDown={event => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(); }} />
      {looking && text.trim() !== '' && <div className="note"><Markdown text={text} /></div>}
      <div className="row end">
        <button type="button" className="button small" aria-pressed={looking} disabled={text.trim() === ''} onClick={() => { setLooking(!looking); }}>{t('case.preview')}</button>
        <button className="button small primary" disabled={note.isPending || text.trim() === ''}>{t('case.addNote')}</button>
      </div>
    </form>
  );
}
