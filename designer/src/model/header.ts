import type { Diagram } from './diagram';
import { argumentsOf, given } from './edit';

/** An input as its form has it; each field is C# but the three names. */
export interface InputFields {
  readonly variable: string;
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly default: string;
  readonly from: string;
}

export type TriggerKind = 'Alert' | 'Case' | 'Schedule' | 'Webhook';

export interface TriggerFields {
  readonly kind: TriggerKind;
  /** A predicate, a cron expression, a name. */
  readonly value: string;
  readonly zone: string;
  /** What else stands there (calendar:, missed: …), kept as it is. */
  readonly rest: readonly string[];
}

export interface HeaderRow<T> {
  readonly line: number;
  readonly code: string;
  /** Undefined where it is written in a way that the form does not know. */
  readonly fields: T | undefined;
}

export const inputTypes = ['string', 'IpAddress', 'DomainName', 'EmailAddress', 'int', 'bool', 'TimeSpan', 'DateTimeOffset', 'Artifact'];

function rows<T>(diagram: Diagram, text: string, wanted: (word: string) => boolean, read: (code: string) => T | undefined): HeaderRow<T>[] {
  return (diagram.header.lines ?? []).flatMap(({ word, span }, line) => {
    if (!wanted(word)) return [];
    const code = text.slice(span.start, span.start + span.length);
    return [{ line, code, fields: read(code) }];
  });
}

export const inputsOf = (diagram: Diagram, text: string): HeaderRow<InputFields>[] => rows(diagram, text, word => word === 'Input', readInput);
export const triggersOf = (diagram: Diagram, text: string): HeaderRow<TriggerFields>[] => rows(diagram, text, word => word.startsWith('On.'), readTrigger);

const span = (code: string) => ({ start: 0, length: code.length, line: 1, column: 1 });
const unquoted = (code: string): string | undefined => {
  try {
    return /^"/.test(code) ? (JSON.parse(code) as string) : undefined;
  } catch {
    return undefined;
  }
};
const quoted = (text: string): string => JSON.stringify(text);

export function readInput(code: string): InputFields | undefined {
  const head = /^var\s+([\p{L}_][\p{L}\p{N}_]*)\s*=\s*Input\s*(?:<([^()]+)>)?\s*\(/u.exec(code);
  if (head?.[1] === undefined) return undefined;
  const args = argumentsOf(code, span(code));
  const named = new Set(args.map(each => each.name));
  const placed = args.filter(each => each.name === undefined);
  // Input("ttl", 24.Hours, "How long"), not Input<T>("ttl", "How long", alert => …).
  const hasDefault = named.has('default') || (placed.length === 2 && named.has('description')) || (placed.length >= 3 && !/^[\w(),\s]+=>/.test(placed[2]?.value ?? ''));
  const order = hasDefault ? ['name', 'default', 'description'] : ['name', 'description', 'from'];
  const value = (parameter: string) => given(args, parameter, order.includes(parameter) ? order.indexOf(parameter) : 99);
  const [name, description] = [unquoted(value('name')), value('description') === '' ? '' : unquoted(value('description'))];
  if (name === undefined || description === undefined || [...named].some(each => each !== undefined && !['name', 'default', 'description', 'from'].includes(each))) return undefined;
  return { variable: head[1], name, type: head[2]?.trim() ?? '', description, default: hasDefault ? value('default') : '', from: value('from') };
}

export function writeInput({ variable, name, type, description, default: otherwise, from }: InputFields): string {
  const generic = type === '' ? '' : `<${type}>`;
  const args = [quoted(name), ...(otherwise === '' ? [] : [otherwise]), quoted(description), ...(from === '' ? [] : [`from: ${from}`])];
  return `var ${variable} = Input${generic}(${args.join(', ')});`;
}

export function readTrigger(code: string): TriggerFields | undefined {
  const kind = /^On\.(Alert|Case|Schedule|Webhook)\s*\(/.exec(code)?.[1] as TriggerKind | undefined;
  if (kind === undefined) return undefined;
  const args = argumentsOf(code, span(code));
  const [first] = args;
  if (first === undefined) return { kind, value: '', zone: '', rest: [] };
  const text = kind === 'Schedule' || kind === 'Webhook' ? unquoted(first.value) : first.value;
  const zone = args.find((each, i) => each.name === 'zone' || (each.name === undefined && i === 1));
  const zoneText = zone === undefined ? '' : unquoted(zone.value);
  if (text === undefined || zoneText === undefined) return undefined;
  return { kind, value: text, zone: zoneText, rest: args.slice(1).filter(each => each !== zone).map(each => each.name === undefined ? each.value : `${each.name}: ${each.value}`) };
}

export function writeTrigger({ kind, value, zone, rest }: TriggerFields): string {
  const first = value === '' && (kind === 'Alert' || kind === 'Case') ? [] : [kind === 'Schedule' || kind === 'Webhook' ? quoted(value) : value];
  return `On.${kind}(${[...first, ...(zone === '' ? [] : [`zone: ${quoted(zone)}`]), ...rest].join(', ')});`;
}

/** What a new trigger begins as: right as it is. */
export const newTrigger: Readonly<Record<TriggerKind, TriggerFields>> = {
  Alert: { kind: 'Alert', value: 'alert => alert.Severity >= 70', zone: '', rest: [] },
  Case: { kind: 'Case', value: 'incident => incident.Severity >= 70', zone: '', rest: [] },
  Schedule: { kind: 'Schedule', value: '0 0 6 ? * MON-FRI', zone: 'Europe/Skopje', rest: [] },
  Webhook: { kind: 'Webhook', value: 'new-hook', zone: '', rest: [] },
};

/** A name that no variable of the text has. */
export function unusedName(text: string, wanted: string): string {
  let name = wanted;
  for (let n = 2; new RegExp(`\\b${name}\\b`).test(text); n++) name = `${wanted}${String(n)}`;
  return name;
}
