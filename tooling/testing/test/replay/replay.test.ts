// The command that replays files: its arguments, what it says of a file that is none, and what becomes of a recording that is off.
import { interpreter } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { recordedFile } from '../../src/index.js';
import { parseReplayArguments } from '../../src/replay/command-line.js';
import { outcomes, trajectoryOutcome } from '../../src/replay/outcome.js';
import { describeOutcome, summary } from '../../src/replay/report.js';
import { call, named, textOf } from '../../src/rules/peers/call.js';
import { PeerOptions } from '../../src/rules/peers/options.js';
import { parseRecordedFile, type Recorded } from '../../src/rules/recorded-file.js';

function recordingOf(name: string): Recorded {
  const found = recordedFile('optax').trajectories.find((one) => one.function === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

describe('the arguments', () => {
  it('are files and options', () => {
    expect(parseReplayArguments(['a.json', '--backend', 'cpu', '--only', 'adam', '--json'])).toEqual({ files: ['a.json'], backend: 'cpu', only: 'adam', json: true });
    expect(parseReplayArguments(['--help'])).toBe('help');
  });

  it.each([[[], 'name a file'], [['a', '--backend', 'gpu'], 'there is no backend gpu; there are interpreter, cpu, webgpu'], [['a', '--ony', 'x'], '--ony']])('%j is refused', (args, message) => {
    expect(() => parseReplayArguments(args)).toThrow(message);
  });
});

describe('a file that is none', () => {
  const step = { peer: 'p', function: 'f', options: {}, shapes: [[2]], initial: [[1, 2]], gradients: [[[1, 2]]], expected: [[[1, 2]]] };

  it.each([
    ['{', 'x.json is no JSON'],
    ['[]', 'x.json is no object'],
    ['{}', 'x.json has no field trajectories'],
    [JSON.stringify({ trajectories: [{}] }), 'x.json: trajectories[0] has no field shapes'],
    [JSON.stringify({ trajectories: [{ ...step, initial: [[1]] }] }), 'x.json: trajectories[0]: initial[0] has 1 numbers where 2 belong'],
    [JSON.stringify({ trajectories: [{ ...step, gradients: [] }] }), 'x.json: trajectories[0]: gradients has 0 entries for 1 steps'],
    [JSON.stringify({ trajectories: [{ ...step, gradients: undefined }] }), 'has neither gradients nor a problem'],
  ])('%s', (text, message) => {
    expect(() => parseRecordedFile(text, 'x.json')).toThrow(message);
  });

  it('has NaN where null is among numbers, and null where it is an option', () => {
    const { trajectories: [read] } = parseRecordedFile(JSON.stringify({ trajectories: [{ ...step, options: { clip: null }, gradients: [[[null, 2]]] }] }), 'x.json');
    expect([read?.gradients, read?.options]).toEqual([[[[NaN, 2]]], { clip: null }]);
  });
});

describe('a recording', () => {
  const clip = recordingOf('clip(d) then sgd(0.1)');

  it('that is off is said to be, and where', async () => {
    const wrong = clip.expected.map((params, t) => params.map((values) => (t === 3 ? values.map((value) => value * (1 + 1e-7)) : values)));
    const outcome = await trajectoryOutcome({ ...clip, expected: wrong }, interpreter(), 'float64');
    expect(outcome.status).toBe('off');
    expect(describeOutcome(outcome)).toMatch(/^OFF .*sgd\(clipByValue\(grads, 0\.74\d+\), params, \{ learningRate: 0\.1 \}\)\n.*step 4, parameter/);
  });

  it('shows the figure that is compared with what is allowed', async () => {
    const followed = await trajectoryOutcome(clip, interpreter(), 'float64');
    const { worst } = followed;
    if (worst === undefined) throw new Error('nothing was compared');
    // One rounding of a parameter that hardly moved is its whole change, and no error.
    const rounded = { ...followed, worst: { ...worst, share: 1, excess: 2e-12 } };
    expect(describeOutcome(rounded)).toMatch(/^ok {6}2\.0e-12 /);
    expect(summary([rounded])).toContain('1 followed (the worst to 2.0e-12)');
  });

  it('with other numbers in its name is replayed with these', async () => {
    const outcome = await trajectoryOutcome({ ...clip, function: 'clip(d) then sgd(0.2)' }, interpreter(), 'float64');
    expect([outcome.status, outcome.call?.endsWith('{ learningRate: 0.2 })')]).toEqual(['off', true]);
  });

  it('of an unknown function is named and counted, and is no failure; an unknown option is an error', async () => {
    const unknown = await trajectoryOutcome({ ...clip, peer: 'soap', function: 'soap.SOAP' }, interpreter(), 'float64');
    expect(describeOutcome(unknown)).toBe('no rule: soap.SOAP');
    const [wrapped] = recordedFile('newer-rules').trajectories.filter(({ function: name }) => name === 'pytorch_optimizer.Lookahead');
    if (wrapped === undefined) throw new Error('there is no look-ahead');
    const base = await trajectoryOutcome({ ...wrapped, base: 'torch LBFGS(lr=1)' }, interpreter(), 'float64');
    expect(describeOutcome(base)).toBe('no rule: pytorch_optimizer.Lookahead (the base torch LBFGS(lr=1) has no rule)');
    const odd = await trajectoryOutcome({ ...clip, options: { ...clip.options, odd: 1 } }, interpreter(), 'float64');
    expect([odd.status, odd.message]).toEqual(['error', 'PeerOptionError: optax clip(d) then sgd(0.1): the option odd is not understood']);
    const twice = await trajectoryOutcome({ ...wrapped, options: { ...wrapped.options, lr: 0.25 } }, interpreter(), 'float64');
    expect(twice.message).toBe('PeerOptionError: pytorch_optimizer pytorch_optimizer.Lookahead: the option lr must be what the base has, 0.05, and is 0.25');
    expect(summary([unknown, odd])).toBe('2 recorded: 0 followed (the worst to 0      ), 0 off, 1 with errors, 1 without a rule\nno rule: soap.SOAP');
  });

  it('is found by a part of its name', async () => {
    const found: string[] = [];
    for await (const { what } of outcomes(recordedFile('optax'), 'clip_by_global', interpreter(), 'float64')) found.push(what);
    expect(found).toEqual(['optax clip_by_global_norm(d) then sgd(0.1)']);
  });
});

describe('options under a peer\'s names', () => {
  it('are those given, above the defaults', () => {
    const options = new PeerOptions('p f', { lr: 0.1, betas: [0.9, 0.99], foreach: false }, { lr: 1, eps: 1e-8, clip: null });
    expect([options.number('lr'), options.number('eps'), options.pair('betas'), options.numberOrNone('clip')]).toEqual([0.1, 1e-8, [0.9, 0.99], undefined]);
    options.checkRead();
  });

  it('are errors where they are missing, of another kind, of a value that has no counterpart, or not read', () => {
    const options = new PeerOptions('p f', { lr: 'x', amsgrad: true, odd: 1 }, {});
    expect(() => options.number('eps')).toThrow('p f: the option eps is neither given nor among the defaults');
    expect(() => options.number('lr')).toThrow('p f: the option lr must be a number, and is "x"');
    expect(() => options.must('amsgrad', false)).toThrow('p f: the option amsgrad must be false, and is true');
    expect(() => options.checkRead()).toThrow('p f: the option odd is not understood');
  });
});

it('writes calls as they are made', () => {
  const over = (rule: (x: object) => object, { k }: { k: number }): ((x: object) => object) => (x) => ({ k, ...rule(x) });
  const x = named({}, 'x');
  const wrapped = call(named(over, 'over'), named((y: object) => y, 'rule'), { k: 3 });
  expect(textOf(call(wrapped, x))).toBe('over(rule, { k: 3 })(x)');
  expect(() => textOf(new Map())).toThrow('not known how to write');
});
