import { expect, it } from 'vitest';
import en from './en.json';
import mk from './mk.json';

function flat(texts: object, prefix = ''): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === 'string') all.set(prefix + name, value);
    else for (const [inner, text] of flat(value as object, `${prefix}${name}.`)) all.set(inner, text);
  }
  return all;
}

const [english, macedonian] = [flat(en), flat(mk)];
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(match => match[1]).sort();
const untranslated = new Set(['app.name', 'cases.tlp', 'playbook.code', 'time.unset']);

it('Every text is there in both languages', () => {
  expect([...macedonian.keys()].sort()).toEqual([...english.keys()].sort());
});

it('A text has the same holes in both languages', () => {
  for (const [key, text] of english) expect(holes(macedonian.get(key) ?? ''), key).toEqual(holes(text));
});

it('No text was left in English', () => {
  for (const [key, text] of english) if (!untranslated.has(key)) expect(macedonian.get(key), key).not.toBe(text);
});

it('Both languages have all their plural forms', () => {
  for (const [language, texts] of [['en', english], ['mk', macedonian]] as const) {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const key of texts.keys()) if (key.endsWith('_other')) for (const form of forms) expect(texts.has(key.replace(/_other$/, `_${form}`)), `${language} ${key} ${form}`).toBe(true);
  }
});
