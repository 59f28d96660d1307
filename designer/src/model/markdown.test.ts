import { expect, it } from 'vitest';
import { isOurs, readMarkdown } from './markdown';

it('What people write in notes is read: headings, lists, quotes, code, emphasis', () => {
  expect(readMarkdown('# Call\nThe **provider** *keeps* `203.0.113.7`\n\n- one\n- ~~two~~\n\n1. first\n\n> said\n\n```\nlet x = 1;\n```\n---')).toEqual([
    { kind: 'heading', inner: [{ kind: 'text', text: 'Call' }] },
    { kind: 'paragraph', inner: [{ kind: 'text', text: 'The ' }, { kind: 'strong', inner: [{ kind: 'text', text: 'provider' }] }, { kind: 'text', text: ' ' }, { kind: 'em', inner: [{ kind: 'text', text: 'keeps' }] }, { kind: 'text', text: ' ' }, { kind: 'code', text: '203.0.113.7' }] },
    { kind: 'list', ordered: false, items: [[{ kind: 'text', text: 'one' }], [{ kind: 'struck', inner: [{ kind: 'text', text: 'two' }] }]] },
    { kind: 'list', ordered: true, items: [[{ kind: 'text', text: 'first' }]] },
    { kind: 'quote', blocks: [{ kind: 'paragraph', inner: [{ kind: 'text', text: 'said' }] }] },
    { kind: 'code', text: 'let x = 1;' },
    { kind: 'rule' },
  ]);
});

it('Signs that mean nothing stay as they are', () => {
  for (const text of ['2 * 3 * 4', 'a_name_like_this', '**never ended', '[no link] (at all)', '`'])
    expect(readMarkdown(text), text).toEqual([{ kind: 'paragraph', inner: [{ kind: 'text', text }] }]);
});

it('Markup is text, and a link has its address beside it', () => {
  expect(readMarkdown('<img src=x onerror=alert(1)>')).toEqual([{ kind: 'paragraph', inner: [{ kind: 'text', text: '<img src=x onerror=alert(1)>' }] }]);
  expect(readMarkdown('![x](https://evil.example/x.png)')).toEqual([{ kind: 'paragraph', inner: [{ kind: 'link', inner: [{ kind: 'text', text: 'x' }], to: 'https://evil.example/x.png' }] }]);
});

it('Only places in this console are followed', () => {
  expect(['/cases/12', '/runs?status=Failed'].map(isOurs)).toEqual([true, true]);
  expect(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/api/logout', '', '/'].map(isOurs)).toEqual([false, false, false, false, false, false, false]);
});

it('A text of nothing but beginnings, or nested ever deeper, is read at once', () => {
  for (const sign of ['[', '![', '**', '*a', '_', '`a', '>', '> > ', '](', '[a](', '*_', '~~a'])
    expect(readMarkdown(sign.repeat(20_000)).length, sign).toBeGreaterThan(0);
}, 5_000);
