import { tokenize, type TokenKind } from './csharp-tokens';

/** Part of a line that has one colour and is selected whole or not at all. */
export interface CodePiece {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly selected: boolean;
}

/** Tokens cut at line ends and at the edges of what is selected. */
export function codeLines(source: string, from: number, to: number): CodePiece[][] {
  const lines: CodePiece[][] = [[]];
  for (const token of tokenize(source)) {
    let start = token.start;
    const end = token.start + token.text.length;
    while (start < end) {
      const lineEnd = source.indexOf('\n', start);
      const cut = Math.min(...[end, from > start ? from : end, to > start ? to : end, lineEnd >= 0 && lineEnd < end ? lineEnd : end]);
      if (cut > start) lines.at(-1)?.push({ kind: token.kind, text: source.slice(start, cut).replace('\r', ''), start, selected: start >= from && start < to });
      if (cut === lineEnd && lineEnd < end) {
        lines.push([]);
        start = cut + 1;
      } else start = cut;
    }
  }
  return lines;
}
