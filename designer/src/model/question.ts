/** What a question's details say, read from what the server sent; anything else in them is left out. */

export interface PreparedStep {
  readonly action: string;
  readonly instance: string;
  readonly hash: string;
  readonly arguments: unknown;
  readonly title?: string;
}

export interface FormField {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly choices?: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => value !== null && typeof value === 'object' && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function preparedSteps(details: unknown): PreparedStep[] {
  if (!isFields(details)) return [];
  // An unknown outcome is about one effect, which stands in the details themselves.
  const steps = Array.isArray(details.steps) ? list(details.steps) : typeof details.action === 'string' ? [details] : [];
  return steps.filter(isFields).map(step => ({
    action: String(step.action ?? ''), instance: String(step.instance ?? ''), hash: String(step.hash ?? step.key ?? ''), arguments: step.arguments, ...(typeof step.title === 'string' ? { title: step.title } : {}),
  }));
}

export function formFields(details: unknown): FormField[] {
  if (!isFields(details)) return [];
  return list(details.fields).filter(isFields).map(field => ({
    name: String(field.name ?? ''), type: String(field.type ?? 'text'), required: field.required === true,
    ...(Array.isArray(field.choices) ? { choices: list(field.choices).map(String) } : {}),
  }));
}

/** What a person typed, as the value that the server wants; undefined where an optional field is left empty. */
export function formValue(field: FormField, typed: string): unknown {
  const text = typed.trim();
  if (text === '') return undefined;
  switch (field.type) {
    case 'bool': return text === 'true';
    case 'int':
    case 'number': return Number.isFinite(Number(text)) ? Number(text) : text;
    case 'duration': return durationText(text);
    default: return text;
  }
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 };

/** "36h" or "1d 12h" as .NET writes it: "1.12:00:00". What is something else is left to the server to refuse. */
export function durationText(text: string): string {
  const parts = [...text.matchAll(/(\d+)\s*([smhd])/g)];
  if (parts.length === 0 || text.replace(/(\d+)\s*([smhd])|\s/g, '') !== '') return text;
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0);
  const two = (value: number) => String(value).padStart(2, '0');
  const days = Math.floor(total / 86400);
  return `${days > 0 ? `${days}.` : ''}${two(Math.floor(total / 3600) % 24)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/** The most urgent first: what ends soonest, then what has waited longest. */
export function byUrgency(one: { readonly until?: string; readonly askedAt: string }, other: { readonly until?: string; readonly askedAt: string }): number {
  const end = (question: { readonly until?: string }) => (question.until === undefined ? Infinity : Date.parse(question.until));
  const difference = end(one) - end(other);
  return Number.isNaN(difference) || difference === 0 ? Date.parse(one.askedAt) - Date.parse(other.askedAt) : difference;
}
