/** What a note's Markdown says, as a tree: never HTML, so that nothing in it can be anything but text, and no address in it can be followed out of here. */
export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'struck'; readonly inner: readonly Inline[] }
  | { readonly kind: 'link'; readonly inner: readonly Inline[]; readonly to: string };

export type Block =
  | { readonly kind: 'heading' | 'paragraph'; readonly inner: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'rule' };

/** Deeper than this, what is nested is text: nobody writes so, but somebody might send it. */
const deepest = 6;

const fence = /^\s*```/;
const heading = /^ {0,3}#{1,6}[ \t]+(\S.*)$/;
const bullet = /^\s*[-*+]\s+(.*)$/;
const numbered = /^\s*\d{1,9}[.)]\s+(.*)$/;
const quoted = /^\s{0,3}>\s?(.*)$/;
const rule = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;

export function readMarkdown(text: string, depth = 0): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let i = 0;
  /** Takes lines as long as they are of one kind. */
  const take = (pattern: RegExp): string[] => {
    const taken: string[] = [];
    for (let match = pattern.exec(lines[i] ?? ''); match && i < lines.length; match = pattern.exec(lines[++i] ?? '')) taken.push(match[1] ?? '');
    return taken;
  };
  while (i < lines.length) {
    const line = lines[i] ?? '';
    const title = heading.exec(line);
    if (line.trim() === '') i++;
    else if (fence.test(line)) {
      const end = lines.findIndex((each, at) => at > i && fence.test(each));
      const last = end === -1 ? lines.length : end;
      blocks.push({ kind: 'code', text: lines.slice(i + 1, last).join('\n') });
      i = last + 1;
    } else if (title) {
      blocks.push({ kind: 'heading', inner: readInline(title[1] ?? '') });
      i++;
    } else if (rule.test(line)) {
      blocks.push({ kind: 'rule' });
      i++;
    } else if (quoted.test(line) && depth < deepest) blocks.push({ kind: 'quote', blocks: readMarkdown(take(quoted).join('\n'), depth + 1) });
    else if (bullet.test(line)) blocks.push({ kind: 'list', ordered: false, items: take(bullet).map(item => readInline(item)) });
    else if (numbered.test(line)) blocks.push({ kind: 'list', ordered: true, items: take(numbered).map(item => readInline(item)) });
    else {
      const paragraph = [line];
      while (++i < lines.length && !begins(lines[i] ?? '')) paragraph.push(lines[i] ?? '');
      blocks.push({ kind: 'paragraph', inner: readInline(paragraph.join('\n')) });
    }
  }
  return blocks;
}

const begins = (line: string) => line.trim() === '' || fence.test(line) || heading.test(line) || rule.test(line) || quoted.test(line) || bullet.test(line) || numbered.test(line);

const marks = [['**', 'strong'], ['__', 'strong'], ['~~', 'struck'], ['*', 'em'], ['_', 'em']] as const;
const wordCharacter = /[\p{L}\p{N}]/u;

function readInline(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  // What has no end behind here has none further on: without this, a text of nothing but beginnings would take its length squared.
  const endless = new Set<string>();
  let plain = '';
  let i = 0;
  const endOf = (mark: string, from: number): number => {
    if (endless.has(mark)) return -1;
    const at = text.indexOf(mark, from);
    if (at === -1) endless.add(mark);
    return at;
  };
  const put = (inline: Inline, next: number) => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
    found.push(inline);
    i = next;
  };
  const inside = (inner: string): readonly Inline[] => depth < deepest ? readInline(inner, depth + 1) : [{ kind: 'text', text: inner }];

  const tryCode = (): boolean => {
    const end = text[i] === '`' ? endOf('`', i + 1) : -1;
    if (end <= i + 1) return false;
    put({ kind: 'code', text: text.slice(i + 1, end) }, end + 1);
    return true;
  };
  const tryMark = (): boolean => {
    for (const [mark, kind] of marks) {
      if (!text.startsWith(mark, i) || /\s/.test(text[i + mark.length] ?? ' ')) continue;
      // In a_name_like_this nothing is meant.
      if (mark.startsWith('_') && wordCharacter.test(text[i - 1] ?? ' ')) continue;
      const end = endOf(mark, i + mark.length + 1);
      if (end === -1 || /\s/.test(text[end - 1] ?? ' ')) continue;
      put({ kind, inner: inside(text.slice(i + mark.length, end)) }, end + mark.length);
      return true;
    }
    return false;
  };
  const tryLink = (): boolean => {
    const open = text.startsWith('![', i) ? 2 : text[i] === '[' ? 1 : 0;
    const middle = open === 0 ? -1 : endOf('](', i + open);
    const end = middle === -1 ? -1 : endOf(')', middle + 2);
    if (end === -1 || text.slice(i, end).includes('\n')) return false;
    put({ kind: 'link', inner: inside(text.slice(i + open, middle)), to: text.slice(middle + 2, end).trim() }, end + 1);
    return true;
  };

  while (i < text.length) {
    if (text[i] === '\\' && /[\\`*_~[\]()#>!-]/.test(text[i + 1] ?? '')) {
      plain += text[i + 1] ?? '';
      i += 2;
    } else if (!tryCode() && !tryMark() && !tryLink()) plain += text[i++] ?? '';
  }
  if (plain !== '') found.push({ kind: 'text', text: plain });
  return found;
}

/** A place in this console: nothing else that a note names is followed. */
export function isOurs(to: string): boolean {
  return /^\/[A-Za-z0-9][A-Za-z0-9\-._/?=&%]*$/.test(to) && !to.startsWith('/api');
}
