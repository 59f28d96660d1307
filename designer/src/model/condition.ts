import { tokenize } from './csharp-tokens';

/** What a row of the builder asks. Each is one shape of C#; everything else stays C#. */
export const operators = ['==', '!=', '>', '>=', '<', '<=', 'contains', 'startsWith', 'isTrue', 'isFalse', 'isNull', 'notNull'] as const;
export type Operator = (typeof operators)[number];

export interface Test {
  readonly left: string;
  readonly operator: Operator;
  /** Empty where the operator asks of one thing alone. */
  readonly right: string;
}

export interface Condition {
  readonly join: '&&' | '||';
  readonly tests: readonly Test[];
}

export const takesValue = (operator: Operator): boolean => !['isTrue', 'isFalse', 'isNull', 'notNull'].includes(operator);

/** A condition as rows; undefined for one that has another shape: that one stays C#. */
export function readCondition(code: string): Condition | undefined {
  const text = code.trim();
  if (text === '') return { join: '&&', tests: [] };
  const marks = top(text);
  const joins = new Set(marks.filter(mark => mark.text === '&&' || mark.text === '||').map(mark => mark.text));
  if (joins.size > 1 || marks.some(mark => ['?', '??', '=>', '='].includes(mark.text))) return undefined;
  const join = joins.has('||') ? '||' : '&&';
  const tests = split(text, marks.filter(mark => mark.text === join)).map(readTest);
  return tests.every(test => test !== undefined) ? { join, tests } : undefined;
}

export function writeCondition({ join, tests }: Condition): string {
  return tests.map(writeTest).join(` ${join} `);
}

function readTest(part: string): Test | undefined {
  const text = part.trim();
  const compared = top(text).filter(mark => ['==', '!=', '>', '>=', '<', '<='].includes(mark.text));
  const [only] = compared;
  if (compared.length > 1) return undefined;
  if (only) {
    const [left, right] = [text.slice(0, only.at).trim(), text.slice(only.at + only.text.length).trim()];
    return left === '' || right === '' || !isValue(left) || !isWhole(right) ? undefined : { left, operator: only.text as Operator, right };
  }
  const empty = /^([\s\S]+?)\s+is\s+(not\s+)?null$/.exec(text);
  if (empty?.[1] !== undefined) return isValue(empty[1]) ? { left: empty[1], operator: empty[2] === undefined ? 'isNull' : 'notNull', right: '' } : undefined;
  const called = /^([\s\S]+)\.(Contains|StartsWith)\(([\s\S]*)\)$/.exec(text);
  if (called?.[1] !== undefined && called[3] !== undefined && isWhole(called[3]) && isValue(called[1])) return { left: called[1], operator: called[2] === 'Contains' ? 'contains' : 'startsWith', right: called[3].trim() };
  if (text.startsWith('!')) return isValue(text.slice(1)) ? { left: text.slice(1).trim(), operator: 'isFalse', right: '' } : undefined;
  return isValue(text) ? { left: text, operator: 'isTrue', right: '' } : undefined;
}

function writeTest({ left, operator, right }: Test): string {
  switch (operator) {
    case 'contains': return `${left}.Contains(${right})`;
    case 'startsWith': return `${left}.StartsWith(${right})`;
    case 'isTrue': return left;
    case 'isFalse': return `!${left}`;
    case 'isNull': return `${left} is null`;
    case 'notNull': return `${left} is not null`;
    default: return `${left} ${operator} ${right}`;
  }
}

/** What somebody typed as C#: words that are nothing else become a text, so that nobody has to think of quotes. */
export function asCode(typed: string, known: ReadonlySet<string>): string {
  const text = typed.trim();
  if (text === '' || /^["$@(\-\d]/.test(text) || ['true', 'false', 'null'].includes(text)) return text;
  const root = /^[\p{L}_][\p{L}\p{N}_]*/u.exec(text)?.[0];
  const isPath = root !== undefined && /^[\p{L}_][\p{L}\p{N}_]*(\??\.[\p{L}_][\p{L}\p{N}_]*|\(.*\)|\[.*\])*$/u.test(text);
  return isPath && (known.has(root) || (/^\p{Lu}/u.test(root) && text.includes('.'))) ? text : JSON.stringify(text);
}

// A name, what hangs on it, a call: no operator on the top.
const isValue = (code: string): boolean => {
  const text = code.trim();
  return /^[\p{L}_@]/u.test(text) && !/^(await|new|from)\b/.test(text) && !/\s(is|as|with|switch)\s/.test(text) && top(text).length === 0 && isWhole(text);
};

/** Whether every bracket that opens in it closes in it. */
function isWhole(code: string): boolean {
  let depth = 0;
  for (const token of tokenize(code)) {
    if (token.kind === 'string' || token.kind === 'comment') continue;
    for (const character of token.text) {
      if ('([{'.includes(character)) depth++;
      if (')]}'.includes(character) && --depth < 0) return false;
    }
  }
  return depth === 0;
}

interface Mark {
  readonly text: string;
  readonly at: number;
}

const signs = /&&|\|\||==|!=|>=|<=|=>|\?\?|\?(?![.[])|[<>=+*/%&|^:]|(?<=[\w)\]]\s*)-/g;

/** Operators outside of all brackets and texts. */
function top(code: string): Mark[] {
  const plain = blank(code);
  let depth = 0;
  const open: boolean[] = [];
  for (const character of plain) {
    if (')]}'.includes(character)) depth--;
    open.push(depth === 0);
    if ('([{'.includes(character)) depth++;
  }
  return [...plain.matchAll(signs)].filter(match => open[match.index] === true).map(match => ({ text: match[0], at: match.index }));
}

// Texts and comments as blanks, so that nothing in them counts and every position stays.
const blank = (code: string): string => tokenize(code).map(token => token.kind === 'string' || token.kind === 'comment' ? '_'.repeat(token.text.length) : token.text).join('');

function split(text: string, at: readonly Mark[]): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const mark of at) {
    parts.push(text.slice(from, mark.at));
    from = mark.at + mark.text.length;
  }
  return [...parts, text.slice(from)];
}
