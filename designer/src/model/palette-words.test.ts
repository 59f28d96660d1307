import { expect, it } from 'vitest';
import mk from '../texts/mk.json';
import { search, type PaletteEntry } from './edit';
import { local } from './palette-words';

const entry = (group: string, name: string, summary: string): PaletteEntry => ({ group, name, summary, code: '', parameters: [] });
const entries = [entry('Flow', 'If', 'Does what is inside when the condition holds.'), entry('Language', 'Ask', 'Asks people.'), entry('Firewall', 'Block', 'Blocks all traffic.'), entry('Playbooks', 'warn-facilities', 'Runs this playbook.')];
const macedonian = entries.map(each => local(each, mk.palette.words, mk.palette.group));

it('What is no C# has a name in the language of who reads; what is C# keeps its own', () => {
  expect(macedonian.map(each => [each.group, each.name])).toEqual([['Тек', 'Ако'], ['Јазик', 'Ask'], ['Firewall', 'Block'], ['Постапки', 'warn-facilities']]);
  expect(macedonian[1]?.text).toBe('Бара луѓе да одлучат; одобрението важи токму за чекорите што се прикажани.');
  expect(macedonian[2]?.text).toBe('Blocks all traffic.');
});

it('It is found by the words of both languages', () => {
  const first = (typed: string) => search(macedonian, typed)[0]?.entry.name;
  expect([first('ако'), first('if'), first('одлучат'), first('people'), first('block')]).toEqual(['If', 'If', 'Ask', 'Ask', 'Block']);
});
