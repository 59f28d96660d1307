/** What the value picker needs to know of a completion (api/editor.ts). */
interface Named {
  readonly name: string;
  readonly kind: string;
  readonly signature: string;
}

/** The type in front of a declaration: `Endpoint? Alert.Source` is an `Endpoint?`, `(IReadOnlyList<string> a, int b) pair` a tuple. */
export function typeOf(signature: string): string {
  let depth = 0;
  for (let i = 0; i < signature.length; i++) {
    const character = signature[i] ?? '';
    if ('<([{'.includes(character)) depth++;
    else if ('>)]}'.includes(character)) depth--;
    else if (character === ' ' && depth === 0) return signature.slice(0, i);
  }
  return signature;
}

/** C# takes every `var` for one that may be missing and follows by itself where it is not; so does the checker. */
export const ofLocal = (signature: string): string => typeOf(signature).replace(/\?$/, '');

/** A member as it is written behind a value of this type: with `?.` where the value may be missing. */
export const memberOf = (type: string, name: string): string => `${type.endsWith('?') ? '?.' : '.'}${name}`;

/** What stands before a place and can be used there: variables that are declared by then, and the alert where one starts the playbook. */
export function rootsAt<T extends Named>(all: readonly T[], text: string, position: number, own: string | undefined, hasAlert: boolean): T[] {
  const before = text.slice(0, position);
  return all.filter(each => each.name !== own && ((each.kind === 'Local' && !each.signature.includes('(') && new RegExp(`(?<![\\p{L}\\p{N}_.])${each.name}(?![\\p{L}\\p{N}_])`, 'u').test(before))
    || (each.kind === 'Property' && (each.name === 'Now' || (each.name === 'Alert' && hasAlert)))));
}
