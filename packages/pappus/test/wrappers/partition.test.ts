// Groups of parameters with a rule each: what they cost, and that each rule goes its own way in them, and under and over other wrappers.
import { describe, expect, it } from 'vitest';
import {
  accumulate, adam, averagesOf, clipByGlobalNorm, compile, cpu, equalAverage, type Expr, exponentialAverage, grad, input, interpreter, lookahead, lossScaling, momentum, muon, nadam, OptimizerError, partition, rmsprop, sam, sgd, skipNonFinite, sophia, substitute, type TypedArray, type Updates, variable, type Variable,
} from '../../src/index.js';
import { recurrent } from './recurrent.js';

type Values = readonly (readonly number[])[];

const read = async (variables: readonly Variable[]): Promise<Values> => Promise.all(variables.map(async (v) => [...(await v.read())]));

/** Two parameters, and a loss that couples them. */
function pair(): { readonly a: Variable; readonly b: Variable; readonly loss: Expr } {
  const a = variable([[1, -2], [0.5, 3]], { name: 'a', dtype: 'float64' });
  const b = variable([0.25, -1], { name: 'b', dtype: 'float64' });
  return { a, b, loss: a.matmul(b).sub(1).square().sum().add(b.square().sum()) };
}

/** The parameters after some steps. */
async function after(build: (given: ReturnType<typeof pair>) => ReadonlyMap<Variable, Expr> | readonly ReadonlyMap<Variable, Expr>[], steps = 4): Promise<Values> {
  const given = pair();
  const step = await compile({ updates: build(given) }, interpreter());
  for (let k = 0; k < steps; k++) await step();
  return read([given.a, given.b]);
}

describe('partition of a recurrent network', () => {
  const repeated = async (of: (given: ReturnType<typeof recurrent>) => Updates): Promise<string[]> => {
    const given = recurrent();
    const step = await compile({ inputs: given.inputs, outputs: { loss: given.loss }, updates: of(given) }, await cpu());
    await step(given.values);
    return step.program.kernels.filter(({ repeats }) => repeats > 1).map(({ repeats, operations }) => `${repeats} ${operations.join('+')}`);
  };

  it('runs the scan forwards and backwards once, with four groups as with one rule', async () => {
    const one = await repeated(({ loss, params }) => adam(loss, params));
    const four = await repeated(({ loss, params: [embedding, ofInput, ofState, bias, out] }) =>
      partition({
        embedding: { params: [embedding], rule: adam },
        matrices: { params: [ofInput, ofState], rule: momentum, options: { learningRate: 0.1 } },
        bias: { params: [bias], rule: sgd, options: { learningRate: 0.1 } },
        out: { params: [out], rule: rmsprop },
      })(loss, [embedding, ofInput, ofState, bias, out]));
    expect(four).toEqual(one);
    // The product with the state, forwards and backwards: neither runs twice.
    expect(one.filter((kernel) => kernel === '6 matmul')).toHaveLength(2);
  });

  it('computes no gradient for a group without a rule', async () => {
    // The embedding is read before the scan: without it, two products fewer behind the scan that goes back.
    const products = async (params: 'all' | 'frozen'): Promise<number> => {
      const given = recurrent();
      const [embedding] = given.params;
      const groups = params === 'all' ? { rest: { rule: adam } } : { frozen: { params: [embedding] }, rest: { rule: adam } };
      const step = await compile({ inputs: given.inputs, updates: partition(groups)(given.loss, given.params) }, await cpu());
      await step(given.values);
      return step.program.kernels.filter(({ kind }) => kind === 'matmul').length;
    };
    expect(await products('frozen')).toBeLessThan(await products('all'));
  });
});

describe('partition', () => {
  it('goes the way of each rule by itself: groups by list, function and pattern', async () => {
    const apart = await after(({ a, b, loss }) => {
      const [ga, gb] = grad(loss, [a, b]);
      return [adam([ga], [a], { learningRate: 0.1 }), momentum([gb], [b], { learningRate: 0.05 })];
    });
    const options = { first: { rule: adam, options: { learningRate: 0.1 } }, second: { rule: momentum, options: { learningRate: 0.05 } } } as const;
    const ways = {
      list: await after(({ a, b, loss }) => partition({ first: { params: [a], ...options.first }, second: options.second })(loss, [a, b])),
      function: await after(({ a, b, loss }) => partition({ first: { params: (p) => p.rank === 2, ...options.first }, second: options.second })(loss, [a, b])),
      pattern: await after(({ a, b, loss }) => partition({ second: { params: /^b$/g, ...options.second }, first: options.first })(loss, [a, b])),
    };
    for (const way of Object.values(ways)) expect(way).toEqual(apart);
  });

  it('takes rules that need more: matrices alone, the loss, the Hessian', async () => {
    const apart = await after(({ a, b, loss }) => {
      const [ga, gb] = grad(loss, [a, b]);
      return [muon([ga], [a], { learningRate: 0.1 }), sophia([gb], [b], { learningRate: 0.1 })];
    });
    const grouped = await after(({ a, b, loss }) => partition({ matrices: { params: (p) => p.rank === 2, rule: muon, options: { learningRate: 0.1 } }, rest: { rule: sophia, options: { learningRate: 0.1 } } })(loss, [a, b]));
    expect(grouped).toEqual(apart);
  });

  it('clips over all groups', async () => {
    const apart = await after(({ a, b, loss }) => {
      const [ga, gb] = clipByGlobalNorm(grad(loss, [a, b]), 0.5);
      return [sgd([ga], [a], { learningRate: 0.5 }), momentum([gb], [b], { learningRate: 0.25 })];
    });
    const grouped = await after(({ a, b, loss }) =>
      partition({ a: { params: [a], rule: sgd, options: { learningRate: 0.5 } }, b: { rule: momentum, options: { learningRate: 0.25 } } }, { gradients: (grads) => clipByGlobalNorm(grads, 0.5) })(loss, [a, b]));
    expect(grouped).toEqual(apart);
  });

  it('in partition: a group is split again, and one count is for all', async () => {
    const { a, b, loss } = pair();
    const inner = partition({ big: { params: (p) => p.rank > 1, rule: adam, options: { learningRate: 0.1 } }, small: { rule: adam, options: { learningRate: 0.01 } } });
    const updates = partition({ outer: { rule: inner } })(loss, [a, b]);
    expect(updates.state.map(({ name }) => name)).toEqual(['outer/big/m/a', 'outer/big/v/a', 'outer/small/m/b', 'outer/small/v/b', 'partition/t']);
    expect(updates.slot(a, 'm').name).toBe('outer/big/m/a');
    expect(updates.slot(b, 'outer/small/v').name).toBe('outer/small/v/b');
    const grouped = await after((given) => partition({ outer: { rule: inner } })(given.loss, [given.a, given.b]));
    const apart = await after((given) => {
      const [ga, gb] = grad(given.loss, [given.a, given.b]);
      return [adam([ga], [given.a], { learningRate: 0.1 }), adam([gb], [given.b], { learningRate: 0.01, name: 'other' })];
    });
    expect(grouped).toEqual(apart);
  });

  it('keeps the names of two groups of one rule apart, and finds state by parameter', () => {
    const { a, b, loss } = pair();
    const updates = partition({ one: { params: [a], rule: adam }, two: { rule: adam } })(loss, [a, b]);
    const names = [...updates.keys()].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(updates.slot(a, 'm').name).toBe('one/m/a');
    expect(updates.slot(b, 'm').name).toBe('two/m/b');
    expect(updates.slot('t').name).toBe('partition/t');
    const named = partition({ one: { params: [a], rule: adam }, two: { rule: adam } })(loss, [a, b], { name: 'model' });
    expect(named.state.map(({ name }) => name)).toEqual(['model/one/m/a', 'model/one/v/a', 'model/two/m/b', 'model/two/v/b', 'model/t']);
  });

  it('has wrappers within groups, which count by it', async () => {
    const { a, b, loss } = pair();
    const updates = partition({ slow: { params: [a], rule: lookahead(adam, { steps: 2 }) }, mean: { rule: exponentialAverage(sgd, { decay: 0.5 }), options: { learningRate: 0.1 } } })(loss, [a, b]);
    expect(updates.state.map(({ name }) => name)).toEqual(['slow/m/a', 'slow/v/a', 'slow/lookahead/slow/a', 'mean/exponentialAverage/mean/b', 'partition/t']);
    expect(updates.slot(a, 'slow').name).toBe('slow/lookahead/slow/a');
    expect([...averagesOf(updates).keys()]).toEqual([b]);

    const grouped = await after((given) => partition({ slow: { params: [given.a], rule: lookahead(adam, { steps: 2 }), options: { learningRate: 0.1 } }, rest: { rule: sgd, options: { learningRate: 0.1 } } })(given.loss, [given.a, given.b]));
    const apart = await after((given) => {
      const [ga, gb] = grad(given.loss, [given.a, given.b]);
      return [lookahead(adam, { steps: 2 })([ga], [given.a], { learningRate: 0.1 }), sgd([gb], [given.b], { learningRate: 0.1 })];
    });
    expect(grouped).toEqual(apart);
  });

  it('accumulates in one group while another moves', async () => {
    const [a, b] = [variable(1, { name: 'a', dtype: 'float64' }), variable(1, { name: 'b', dtype: 'float64' })];
    const [ga, gb] = [input('float64', []), input('float64', [])];
    const updates = partition({ slow: { params: [a], rule: accumulate(sgd, { steps: 2 }), options: { learningRate: 1 } }, fast: { rule: sgd, options: { learningRate: 1 } } })([ga, gb], [a, b]);
    const step = await compile({ inputs: { ga, gb }, updates }, interpreter());
    const path: Values[] = [];
    for (const g of [1, 3, 5]) {
      await step({ ga: g, gb: g });
      path.push(await read([a, b]));
    }
    expect(path).toEqual([[[1], [0]], [[-1], [-3]], [[-1], [-8]]]);
  });

  it('skips steps of one group, or of all', async () => {
    const path = async (inside: boolean): Promise<Values> => {
      const [a, b] = [variable(1, { name: 'a', dtype: 'float64' }), variable(1, { name: 'b', dtype: 'float64' })];
      const [ga, gb] = [input('float64', []), input('float64', [])];
      const rest = { rule: sgd, options: { learningRate: 1 } };
      const rule = inside ? partition({ guarded: { params: [a], rule: skipNonFinite(sgd), options: { learningRate: 1 } }, rest }) : skipNonFinite(partition({ guarded: { params: [a], rule: sgd, options: { learningRate: 1 } }, rest }));
      const updates = rule([ga, gb], [a, b]);
      const step = await compile({ inputs: { ga, gb }, updates }, interpreter());
      await step({ ga: NaN, gb: 1 });
      await step({ ga: 1, gb: 1 });
      return read([a, b, updates.slot('skipped'), updates.slot('t')]);
    };
    // Inside, the other group goes on; and the count is that of partition.
    expect(await path(true)).toEqual([[0], [-1], [1], [2]]);
    expect(await path(false)).toEqual([[0], [0], [1], [1]]);
  });

  it('under wrappers: frozen parameters have no average, no slow weights, and stay', async () => {
    const { a, b, loss } = pair();
    const rule = equalAverage(lookahead(partition({ frozen: { params: [b] }, rest: { rule: sgd, options: { learningRate: 0.1 } } }), { steps: 2 }));
    const updates = rule(loss, [a, b]);
    expect(updates.params).toEqual([a]);
    expect([...averagesOf(updates).keys()]).toEqual([a]);
    const backend = interpreter();
    const [a2, b2] = substitute([a.mul(1), b.mul(1)], averagesOf(updates));
    const evaluate = await compile({ outputs: { a2, b2 } }, backend);
    const step = await compile({ updates }, backend);
    const path: number[][] = [];
    for (let k = 0; k < 3; k++) {
      await step();
      path.push([...(await a.read())]);
    }
    const means = await evaluate();
    expect([...(await means.b2.read())]).toEqual([0.25, -1]);
    const expected = [0, 1, 2, 3].map((i) => path.reduce((sum, values) => sum + (values[i] ?? NaN), 0) / 3);
    (await means.a2.read()).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 13));
  });

  it('under accumulate and sam: as the rule over all, where groups have one rule', async () => {
    const groups = ({ a }: ReturnType<typeof pair>) => partition({ one: { params: [a], rule: sgd, options: { learningRate: 0.05 } }, two: { rule: sgd, options: { learningRate: 0.05 } } });
    const whole = async (wrap: (rule: typeof sgd) => typeof sgd): Promise<Values> => after(({ a, b, loss }) => wrap(sgd)(loss, [a, b], { learningRate: 0.05 }));
    expect(await after((given) => accumulate(groups(given), { steps: 2 })(given.loss, [given.a, given.b]))).toEqual(await whole((rule) => accumulate(rule, { steps: 2 })));
    expect(await after((given) => sam(groups(given))(given.loss, [given.a, given.b]))).toEqual(await whole((rule) => sam(rule)));
  });

  it('has sam and lossScaling in a group: the loss is taken uphill in its parameters alone', async () => {
    const scaled = { b: { rule: lossScaling(sgd, { initial: 8 }), options: { learningRate: 0.05 } } };
    const grouped = await after(({ a, b, loss }) => partition({ a: { params: [a], rule: sam(sgd, { rho: 0.1, epsilon: 0 }), options: { learningRate: 0.05 } }, ...scaled })(loss, [a, b]));
    const apart = await after(({ a, b, loss }) => {
      const [ga, gb] = grad(loss, [a, b]);
      const there = a.add(ga.mul(0.1).div(ga.square().sum().sqrt()));
      const [worst] = substitute([loss], new Map([[a, there]]));
      return [sgd([grad(worst, there)], [a], { learningRate: 0.05 }), sgd([gb], [b], { learningRate: 0.05, name: 'other' })];
    });
    // Products in another order.
    grouped.forEach((values, k) => values.forEach((value, i) => expect(value).toBeCloseTo(apart[k]?.[i] ?? NaN, 13)));
  });

  it('takes a schedule by its own count', async () => {
    const [a] = [variable(0, { name: 'a', dtype: 'float64' })];
    const g = input('float64', []);
    const step = await compile({ inputs: { g }, updates: partition({ all: { rule: sgd, options: { learningRate: ({ t }) => t } } })([g], [a]) }, interpreter());
    const path: TypedArray[] = [];
    for (let k = 0; k < 3; k++) {
      await step({ g: -1 });
      path.push(await a.read());
    }
    expect(path.map(([x]) => x)).toEqual([1, 3, 6]);
  });
});

describe('partition says what to do', () => {
  const { a, b, loss } = pair();
  const rule = sgd;
  const options = { learningRate: 0.1 };

  it.each<[string, () => unknown, RegExp]>([
    ['a parameter in no group', () => partition({ one: { params: [a], rule, options } })(loss, [a, b]), /^partition: b is in no group; add a group without params, which takes all that is left$/],
    ['a group that takes none', () => partition({ one: { params: [a], rule, options }, two: { params: /nothing/, rule, options }, rest: { rule, options } })(loss, [a, b]), /^partition: the group two takes none of the parameters a, b; those before it have taken them, or its params say others$/],
    ['a list with a stranger', () => partition({ one: { params: [b], rule, options }, rest: { rule, options } })(a.sum(), [a]), /^partition: the group one lists .*b.*, which is none of the parameters$/],
    ['gradients that are too few', () => partition({ one: { rule, options } }, { gradients: (grads) => grads.slice(1) })(loss, [a, b]), /^partition: the option gradients must answer a gradient for each of 2 parameters, not 1$/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(OptimizerError);
  });

  it('refuses a parameter that two groups list', () => {
    const twice = [{ one: { params: [a, b], rule, options }, two: { params: [b], rule, options } }, { one: { params: /b/, rule, options }, two: { params: [a, b], rule, options } }];
    for (const groups of twice) expect(() => partition(groups)(loss, [a, b])).toThrow(new OptimizerError('partition: the group two lists b, which the group one has taken; take it out of one of the two groups'));
  });

  it('in types: options that the rule does not take', () => {
    // @ts-expect-error: no option of sgd
    expect(() => partition({ all: { rule: sgd, options: { learningRate: 0.1, beta1: 0.9 } } })(loss, [a, b])).toThrow(/no option 'beta1'/);
    // @ts-expect-error: a text is no rate
    expect(() => partition({ all: { rule: adam, options: { learningRate: '0.1' } } })(loss, [a, b])).toThrow(/learningRate must be a number/);
    // @ts-expect-error: nor where the rule is wrapped
    expect(() => partition({ all: { rule: lookahead(adam), options: { learningRate: '0.1' } } })(loss, [a, b])).toThrow(/learningRate must be a number/);
    // @ts-expect-error: no option of sgd, and so none of what goes over it
    expect(() => partition({ all: { rule: lookahead(sgd, { steps: 2 }), options: { learningRate: 0.1, beta1: 0.9 } } })(loss, [a, b])).toThrow(/no option 'beta1'/);
    // @ts-expect-error: a text is no selector
    expect(() => partition({ all: { params: 'a', rule: adam } })(loss, [a, b])).toThrow(/the params of the group all must be a list of variables, a function or a pattern/);
    // @ts-expect-error: groups have names
    expect(() => partition([{ rule: adam }])(loss, [a, b])).toThrow(/takes groups by name/);
    // @ts-expect-error: an option that a group has not
    expect(() => partition({ all: { rule: adam, lr: 1 } })(loss, [a, b])).toThrow(/the group all has params, rule and options, and no 'lr'/);
  });

  it('refuses groups whose state would have one name', async () => {
    // The group `a/b` beside the group `b` of a group `a`: each has a product of momenta.
    const updates = partition({ a: { params: [a], rule: partition({ b: { rule: nadam } }) }, 'a/b': { rule: nadam } })(loss, [a, b]);
    await expect(compile({ updates }, interpreter())).rejects.toThrow(/two variables of this step have the name 'a\/b\/product'.*give one of the two rules a name/);
  });
});
