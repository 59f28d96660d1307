import { describe, expect, it } from 'vitest';
import { asCode, readCondition, writeCondition } from './condition';

describe('a condition', () => {
  it.each([
    'alert.Category == "intrusion" && alert.Severity >= 70',
    '!decision.Approved',
    'decision.Approved',
    'owner.Name.Contains("a && b")',
    'reports.Count() > 0 || owner is null',
    'alert.Source?.Ip is not null',
    'reports.Any(report => report.Verdict == Verdict.Malicious)',
    'mail.Subject.StartsWith($"{name} ==")',
    'x == -1',
  ])('of a simple shape is rows, and the same C# again: %s', code => {
    const read = readCondition(code);
    expect(read).toBeDefined();
    expect(read && writeCondition(read)).toBe(code);
  });

  it.each(['a && b || c', 'a ? b : c', 'x is { Severity: > 3 }', '(a || b) && c == (d', 'await X()', 'a + 1 > 2', 'a == b == c', 'x switch { _ => true }'])('of another shape stays C#: %s', code => {
    expect(readCondition(code)).toBeUndefined();
  });

  it('has its parts', () => {
    expect(readCondition('alert.Severity >= 70 && !x')).toEqual({ join: '&&', tests: [{ left: 'alert.Severity', operator: '>=', right: '70' }, { left: 'x', operator: 'isFalse', right: '' }] });
  });
});

it('A value that is typed becomes a text unless it is C# that is known here', () => {
  const known = new Set(['address']);
  expect(['intrusion', 'two words', 'address.Value', '"x"', '12', 'true', 'Verdict.Malicious', 'other.Value'].map(text => asCode(text, known))).toEqual(['"intrusion"', '"two words"', 'address.Value', '"x"', '12', 'true', 'Verdict.Malicious', '"other.Value"']);
});
