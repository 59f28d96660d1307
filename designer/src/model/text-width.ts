/**
 * Widths of text without a font at hand: those of DejaVu Sans, the widest of the fonts in the stack, so that what fits here fits everywhere
 * and a layout does not depend on the machine. The same table as in engine/Soar.Scripting/Diagram/DiagramText.cs.
 */

const narrow = new Set(" ijlI.,:;'|!");
const slim = new Set('()[]ftr-/"');
const wide = new Set('mwMW@%…→жшщюыфЖШЩЮФмМ');
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const upper = /^\p{Lu}$/u;

function isFullWidth(code: number): boolean {
  return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff)
    || (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) || (code >= 0x1f000 && code <= 0x1faff) || code >= 0x20000;
}

function widthOfCharacter(character: string, mono: boolean): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x7f) {
    if (mono) return 0.605;
    if (narrow.has(character)) return 0.37;
    if (slim.has(character)) return 0.46;
    if (wide.has(character)) return 1.02;
    return code >= 0x41 && code <= 0x5a ? 0.74 : 0.67;
  }
  if (invisible.test(character)) return 0;
  if (isFullWidth(code)) return 1.05;
  if (mono) return 0.605;
  if (wide.has(character)) return 1.02;
  return upper.test(character) ? 0.78 : 0.67;
}

export function textWidth(text: string, size: number, mono = false): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character, mono);
  return width * size;
}

export function elide(text: string, width: number, size: number, mono = false): string {
  if (textWidth(text, size, mono) <= width) return text;
  let used = widthOfCharacter('…', mono) * size;
  let end = 0;
  for (const character of text) {
    used += widthOfCharacter(character, mono) * size;
    if (used > width) break;
    end += character.length;
  }
  return text.slice(0, end).trimEnd() + '…';
}

/** Breaks into at most `lines` lines of a width, at spaces where there are any; the last one is elided. */
export function wrap(text: string, width: number, size: number, lines: number, mono = false): string[] {
  const result: string[] = [];
  let rest = text.trim();
  while (rest.length > 0) {
    let used = 0;
    let end = 0;
    let breakAt = -1;
    for (const character of rest) {
      used += widthOfCharacter(character, mono) * size;
      if (used > width && end > 0) break;
      if (/\s/.test(character) || (mono && character === '.' && end > 0)) breakAt = end;
      end += character.length;
      if (mono && (character === '(' || character === ',' || character === '[')) breakAt = end;
    }
    if (end >= rest.length) return [...result, rest];
    if (result.length === lines - 1) return [...result, elide(rest, width, size, mono)];
    // Words of code are long: better to cut one than to leave half a line empty.
    const cut = breakAt > (mono ? end * 0.4 : 0) ? breakAt : end;
    result.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return result;
}
