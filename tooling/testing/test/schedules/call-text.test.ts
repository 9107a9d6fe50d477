// Texts of calls as trees, and what is no call; and the peers' arguments in ours.
import { hasSchedule, optaxNames, parseCall, scheduleOf, torchNames } from '@pappus/test-support/schedules';
import { describe, expect, it } from 'vitest';

describe('the text of a call', () => {
  it('has numbers, fractions, signs, powers and lists', () => {
    expect(parseCall('f(1, 2.5e-3, -1/3, 2**3, -2**2, 1_000, [1,(2, 3)], (4))')).toEqual({
      kind: 'call', name: 'f', keywords: [],
      positional: [1, 0.0025, -1 / 3, 8, -4, 1000, { kind: 'list', entries: [1, { kind: 'list', entries: [2, 3] }] }, 4],
    });
  });

  it('has keywords, texts, names, True, False, None, dictionaries and calls', () => {
    expect(parseCall("a.b.f(cos, mode='x', flag=True, other=False, none=None, table={5: 0.5, 'a': 1,}, inner=[g(1)],)")).toEqual({
      kind: 'call', name: 'f', positional: [{ kind: 'name', name: 'cos' }],
      keywords: [
        ['mode', { kind: 'text', text: 'x' }], ['flag', true], ['other', false], ['none', null],
        ['table', { kind: 'dictionary', entries: [[5, 0.5], [{ kind: 'text', text: 'a' }, 1]] }],
        ['inner', { kind: 'list', entries: [{ kind: 'call', name: 'g', positional: [1], keywords: [] }] }],
      ],
    });
  });

  it.each([['f(1', "expected ',' at 3"], ['f(1))', 'expected the end at 4'], ['f(;)', 'nothing that a call has at 2'], ['1', 'is no call'], ['f([1)', "expected ','"], ['f(a=1, a=2)', 'expected a once'], ['f(a/2)', 'expected a number']])(
    '%s is refused with the place',
    (text, message) => expect(() => parseCall(text)).toThrow(message),
  );
});

describe('a call of ours', () => {
  it.each([
    ['StepLR(step_size=7, gamma=0.3)', 'stepDecay(t, { initial: 0.5, every: 7, factor: 0.3 })'],
    ['torch.optim.lr_scheduler.StepLR(optimizer, 30)', 'stepDecay(t, { initial: 0.5, every: 30, factor: 0.1 })'],
    ['MultiStepLR(milestones=[11, 3])', 'multiStepDecay(t, { initial: 0.5, milestones: [3, 11], factor: 0.1 })'],
    ['ConstantLR(1/4, 8)', 'piecewiseConstant(t, { boundaries: [8], values: [0.125, 0.5] })'],
    ['ConstantLR(0.5, total_iters=0)', 'constantSchedule(t, { value: 0.25 })'],
    ['LinearLR(0.5, 1, 0)', 'constantSchedule(t, { value: 0.25 })'],
    ['PolynomialLR(total_iters=0)', 'constantSchedule(t, { value: 0.5 })'],
    ['LinearLR(start=0.5, end=2, total_iters=9)', 'linearSchedule(t, { initial: 0.25, final: 1, steps: 9 })'],
    ['CosineAnnealingWarmRestarts(4, eta_min=0.001)', 'cosineRestarts(t, { initial: 0.5, final: 0.001, steps: 4, growth: 1 })'],
    ["CyclicLR(0.01, 0.1, 4, scale_mode='iterations')", "cyclic(t, { low: 0.01, high: 0.1, up: 4, down: 4, mode: 'triangular' })"],
    ['CyclicLR(0.01, 0.1, 4, mode=exp_range, gamma=0.9)', "cyclic(t, { low: 0.01, high: 0.1, up: 4, down: 4, mode: 'exponential', factor: 0.9 })"],
    ["OneCycleLR(max_lr=1, epochs=4, steps_per_epoch=10, pct_start=0.25, anneal_strategy='linear', three_phase=True)",
      "oneCycle(t, { peak: 1, steps: 39, warmup: 9, back: 18, initial: 0.04, final: 0.000004, interpolation: 'linear' })"],
    ['SequentialLR([LinearLR(0.1, 1, 5), ExponentialLR(0.9)], milestones=[5])',
      'joinSchedules(t, { schedules: [(t) => linearSchedule(t, { initial: 0.05, final: 0.5, steps: 5 }), (t) => exponentialDecay(t, { initial: 0.5, factor: 0.9 })], boundaries: [5] })'],
    ['optax.exponential_decay(1, 5, 0.6, staircase, end_value=0.2)', 'exponentialDecay(t, { initial: 1, factor: 0.6, every: 5, begin: 0, staircase: true, final: 0.2 })'],
    ['exponential_decay(1, 5, 0)', 'constantSchedule(t, { value: 1 })'],
    ['piecewise_constant_schedule(1, {12: 0.5, 5: 0.5})', 'piecewiseConstant(t, { boundaries: [5, 12], values: [1, 0.5, 0.25] })'],
    ['sgdr_schedule([{"init_value": 0, "peak_value": 1, "warmup_steps": 2, "decay_steps": 8}])', 'warmupCosineCycles(t, { cycles: [{ initial: 0, peak: 1, warmup: 2, steps: 8, final: 0, exponent: 1 }] })'],
  ])('is made of %s', (text, call) => expect(scheduleOf(text, 0.5).call).toBe(call));

  it.each([
    ['StepLR()', 'StepLR: step_size is missing'], ['StepLR(1, 2, 3)', 'StepLR: there are too many arguments'], ['StepLR(7, step_size=3)', 'step_size is given twice'], ['StepLR(7, gama=3)', 'there is no gama'],
    ['CyclicLR(0.1, 0.2, mode=zigzag)', 'mode must be triangular or triangular2 or exp_range, not zigzag'], ['LambdaLR(1)', 'LambdaLR has no schedule of ours'], ['CyclicLR(0.1, 0.2, scale_fn=f)', 'scale_fn is not replayed'],
    ['StepLR(x)', 'step_size must be a number'], ['join_schedules([1], [5])', 'schedules must be calls'],
  ])('is not made of %s', (text, message) => expect(() => scheduleOf(text, 0.5)).toThrow(message));

  it('of a scheduler of torch needs the base rate', () => {
    expect(() => scheduleOf('StepLR(7)')).toThrow('StepLR: a scheduler of torch needs the base rate');
    expect([...torchNames, ...optaxNames].every(hasSchedule)).toBe(true);
    expect(hasSchedule('LambdaLR')).toBe(false);
  });
});
