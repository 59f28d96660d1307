import { expect, it } from 'vitest';
import { memberOf, ofLocal, rootsAt, typeOf } from './values';

it('A declaration begins with its type', () => {
  expect(['Endpoint? Alert.Source', 'IReadOnlyList<Report> reports', '(Owner owner, int n) pair', 'string'].map(typeOf)).toEqual(['Endpoint?', 'IReadOnlyList<Report>', '(Owner owner, int n)', 'string']);
});

it('What may be missing is asked with care', () => {
  expect(memberOf('Endpoint?', 'Ip') + memberOf('Endpoint', 'Ip')).toBe('?.Ip.Ip');
  expect(memberOf(ofLocal('Owner? owner'), 'Name')).toBe('.Name');
});

it('Only what is declared by then can be picked, and the alert only where there is one', () => {
  const text = 'var a = 1;\nvar b = await X(a);\nvar c = 2;';
  const named = (name: string, kind = 'Local') => ({ name, kind, signature: `int ${name}` });
  const all = [named('a'), named('b'), named('c'), named('Alert', 'Property'), named('Firewall', 'Capability')];
  const at = text.indexOf('X(');
  expect(rootsAt(all, text, at, 'b', false).map(each => each.name)).toEqual(['a']);
  expect(rootsAt(all, text, text.length, undefined, true).map(each => each.name)).toEqual(['a', 'b', 'c', 'Alert']);
});
