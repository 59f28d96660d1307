import type { PaletteEntry } from './edit';

/** An entry of the palette in somebody's language. What is C# (capabilities, actions, the words of the language) keeps its name; it is found by its English words too. */
export interface LocalEntry {
  readonly entry: PaletteEntry;
  readonly name: string;
  readonly group: string;
  readonly text: string;
  /** What is searched. */
  readonly summary: string;
}

type Words = Readonly<Record<string, { readonly name?: string; readonly text: string }>>;

export function local(entry: PaletteEntry, words: Words, groups: Readonly<Record<string, string>>): LocalEntry {
  // A colon in a key means something to the library of texts.
  const said = words[`${entry.group}/${entry.name}`.replace(':', '')];
  const text = entry.group === 'Playbooks' ? groups.run ?? entry.summary : said?.text ?? entry.summary;
  return { entry, name: said?.name ?? entry.name, group: groups[entry.group] ?? entry.group, text, summary: `${text} ${entry.summary} ${entry.group} ${entry.name}` };
}
