import { describe, expect, it } from 'vitest';
import { readInput, readTrigger, unusedName, writeInput, writeTrigger } from './header';

describe('an input', () => {
  it.each([
    'var address = Input<IpAddress>("address", "The attacking address", from: alert => alert.Source?.Ip);',
    'var ttl = Input("ttl", 24.Hours, "How long the block lasts");',
    'var names = Input<IReadOnlyList<string>>("names", "Кој, \\"и\\" каде");',
    'var ttl = Input("ttl", TimeSpan.FromHours(2), "How long", from: alert => alert.Title.Length.Hours);',
  ])('is read, and written as it was: %s', code => {
    const read = readInput(code);
    expect(read).toBeDefined();
    expect(read && writeInput(read)).toBe(code);
  });

  it('has its parts, by place and by name', () => {
    expect(readInput('var a = Input<string>(name: "a", description: "d", default: "x");')).toEqual({ variable: 'a', name: 'a', type: 'string', description: 'd', default: '"x"', from: '' });
    expect(readInput('var a = Input<string>("a", "d", alert => alert.Title);')).toEqual({ variable: 'a', name: 'a', type: 'string', description: 'd', default: '', from: 'alert => alert.Title' });
  });

  it('of another shape is left to the code', () => {
    expect(readInput('var a = Input<string>(nameof(X), "d");')).toBeUndefined();
    expect(readInput('string a = Input<string>("a", "d");')).toBeUndefined();
  });
});

describe('a trigger', () => {
  it.each(['On.Alert(alert => alert.Severity >= 70);', 'On.Schedule("0 0 6 ? * MON-FRI", zone: "Europe/Skopje", calendar: "public-holidays");', 'On.Webhook("partner-gate");', 'On.Alert();'])('is read, and written as it was: %s', code => {
    const read = readTrigger(code);
    expect(read && writeTrigger(read)).toBe(code);
  });

  it('that nobody knows is left to the code', () => {
    expect(readTrigger('On.Moon("full");')).toBeUndefined();
  });
});

it('A new name is one that nothing has', () => {
  expect([unusedName('var a = 1;', 'b'), unusedName('var input = input2;', 'input')]).toEqual(['b', 'input3']);
});
