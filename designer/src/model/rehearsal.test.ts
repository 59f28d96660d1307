import { expect, it } from 'vitest';
import { playedRun, type PlayedStep } from './rehearsal';

const step = (path: string, more: Partial<PlayedStep> = {}): PlayedStep => ({ path, action: 'firewall.block', instance: 'edge-1', depth: 0, ended: 'Done', ...more });

it('A rehearsed run reads like a run: what each step got, what it gave, how it ended', () => {
  const { steps, byStepId } = playedRun([
    step('block', { arguments: { address: '203.0.113.7' }, result: { id: 'rule-1' } }),
    step('each[1]/mail-send', { ended: 'Failed', result: { code: 'no-answer', message: 'Nobody answers.' } }),
    step('wait', { ended: undefined }),
  ]);
  expect(steps.map(each => [each.path, each.mark])).toEqual([['block', 'done'], ['each[1]/mail-send', 'failed'], ['wait', 'waiting']]);
  expect(steps[0]).toMatchObject({ instance: 'edge-1', simulated: true, arguments: { address: '203.0.113.7' }, output: { id: 'rule-1' } });
  expect(steps[1]?.error).toEqual({ code: 'no-answer', message: 'Nobody answers.' });
  expect(byStepId.get('each')).toHaveLength(1);
});

it('What a sub-playbook did marks no step of this one', () => {
  expect(playedRun([step('run'), step('block', { depth: 1, ended: 'Failed' })]).steps.map(each => each.path)).toEqual(['run']);
});
