/** What a piece of C# is, as far as colour needs to know. */
export type TokenKind = 'plain' | 'comment' | 'string' | 'hole' | 'keyword' | 'number' | 'type' | 'call';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
}

const keywords = new Set(('abstract as await async base bool break byte case catch char class const continue decimal default do double else enum false finally float for foreach goto if in int '
  + 'interface internal is long nameof new not null object operator or out override private protected public readonly record ref return sealed short sizeof static string struct switch this throw '
  + 'true try typeof uint ulong using var virtual void when where while with yield and').split(' '));

const start = /[\p{L}_@]/u;
const rest = /[\p{L}\p{N}_]/u;

/** Cuts a text into coloured pieces. Every character is in exactly one of them; wrong code is coloured as far as it goes, never refused. */
export function tokenize(code: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let plainFrom = 0;
  const push = (kind: TokenKind, from: number, to: number) => {
    if (from > plainFrom) tokens.push({ kind: 'plain', text: code.slice(plainFrom, from), start: plainFrom });
    if (to > from) tokens.push({ kind, text: code.slice(from, to), start: from });
    plainFrom = to;
    at = to;
  };
  while (at < code.length) {
    const next = code[at] ?? '';
    if (next === '/' && code[at + 1] === '/') push('comment', at, endOfLine(code, at));
    else if (next === '/' && code[at + 1] === '*') push('comment', at, after(code, '*/', at + 2));
    else if (next === '"' || ((next === '$' || next === '@') && /^[$@]+"/.test(code.slice(at, at + 8)))) for (const piece of stringPieces(code, at)) push(piece.kind, piece.from, piece.to);
    else if (next === "'") push('string', at, endOfChar(code, at));
    else if (/[0-9]/.test(next)) push('number', at, matchEnd(code, at, /[0-9_.]*[0-9][a-fA-FxXmMuUlLdD0-9_]*/y));
    else if (start.test(next)) word();
    else at++;
  }
  push('plain', code.length, code.length);
  return tokens;

  function word(): void {
    let end = at + 1;
    while (end < code.length && rest.test(code[end] ?? '')) end++;
    const name = code.slice(at, end);
    if (keywords.has(name)) push('keyword', at, end);
    else if (/^\s*(<[\w<>?,\s]*>)?\(/.test(code.slice(end, end + 60))) push('call', at, end);
    else if (/^\p{Lu}/u.test(name) && code[at - 1] !== '.') push('type', at, end);
    else at = end;
  }
}

interface Piece {
  readonly kind: TokenKind;
  readonly from: number;
  readonly to: number;
}

// A string with its holes: `$"a {b} c"` is string, hole, string. Raw strings end at as many quotes as began them.
function stringPieces(code: string, from: number): Piece[] {
  const opening = /[$@]*("+)/y;
  opening.lastIndex = from;
  const match = opening.exec(code);
  if (!match) return [{ kind: 'string', from, to: from + 1 }];
  const prefix = match[0].replaceAll('"', '');
  const quotes = match[1] ?? '"';
  if (quotes.length === 2) return [{ kind: 'string', from, to: opening.lastIndex }];
  const raw = quotes.length > 2;
  const holes = prefix.includes('$');
  const pieces: Piece[] = [];
  let begin = from;
  let at = opening.lastIndex;
  while (at < code.length) {
    if (raw ? code.startsWith(quotes, at) : code[at] === '"') {
      if (!raw && prefix.includes('@') && code[at + 1] === '"') { at += 2; continue; }
      at += raw ? quotes.length : 1;
      break;
    }
    if (!raw && code[at] === '\n' && !prefix.includes('@')) break;
    if (!raw && code[at] === '\\' && !prefix.includes('@')) { at += 2; continue; }
    if (holes && code[at] === '{') {
      if (code[at + 1] === '{') { at += 2; continue; }
      const end = endOfHole(code, at);
      pieces.push({ kind: 'string', from: begin, to: at }, { kind: 'hole', from: at, to: end });
      begin = at = end;
      continue;
    }
    at++;
  }
  pieces.push({ kind: 'string', from: begin, to: Math.min(at, code.length) });
  return pieces;
}

function endOfHole(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '{') depth++;
    else if (code[at] === '}' && --depth === 0) return at + 1;
    else if (code[at] === '\n') return at;
  }
  return code.length;
}

function endOfLine(code: string, from: number): number {
  const end = code.indexOf('\n', from);
  return end < 0 ? code.length : end;
}

function after(code: string, closing: string, from: number): number {
  const end = code.indexOf(closing, from);
  return end < 0 ? code.length : end + closing.length;
}

function endOfChar(code: string, from: number): number {
  const end = matchEnd(code, from, /'(?:\\.[^'\n]*|[^'\\\n])'/y);
  return end === from ? from + 1 : end;
}

function matchEnd(code: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from;
  return pattern.test(code) ? pattern.lastIndex : from + 1;
}
