// State that begins with the parameter: kept in the first step by a copy that runs in no other, and read by the kernel of the rule itself.
import { describeKernels, compileProgram } from '@pappus/compiler';
import { GRAPH_VERSION } from '@pappus/core/backend';
import { dAdaptAdagrad, dAdaptSgd, type Expr, input, madgrad, prodigy, type Updates, variable, zeros } from 'pappus';
import { expect, it } from 'vitest';

const shapes = [[40, 30], [25]] as const;
const grads = shapes.map((shape) => input('float32', [...shape]));

function kernelsOf(rule: (grads: readonly Expr[], params: ReturnType<typeof variable>[]) => Updates): { readonly writes: string; readonly always: boolean }[] {
  const updates = rule(grads, shapes.map((shape, k) => variable(zeros([...shape]), { name: `p${k}` })));
  const { kernels, host } = compileProgram({
    graphVersion: GRAPH_VERSION,
    inputs: grads.map((expr, k) => ({ name: `g${k}`, expr })),
    outputs: [],
    updates: [...updates].map(([target, expr]) => ({ variable: target, expr })),
  }, new Map());
  return describeKernels(kernels, host).map(({ writes, when }) => ({ writes: writes.join(' '), always: when === undefined }));
}

it('is one kernel beside the copy, where the rule is one', () => {
  expect(kernelsOf(madgrad)).toEqual([
    { writes: 'madgrad/first/p0 madgrad/first/p1', always: false },
    { writes: 'madgrad/sum/p0 madgrad/sumSquares/p0 p0 madgrad/sum/p1 madgrad/sumSquares/p1 p1', always: true },
  ]);
});

it('takes no memory but its own, whatever else the rule sums', () => {
  for (const rule of [prodigy, dAdaptSgd, dAdaptAdagrad]) {
    const starts = kernelsOf(rule).filter(({ writes }) => /(^|\s|new )\S+\/x0\/p\d( |$)/.test(writes) && !writes.startsWith('sum'));
    expect(starts.map(({ writes, always }) => [writes.replaceAll(/\S+(?=\/x0)/g, ''), always])).toEqual([['/x0/p0 /x0/p1', false]]);
  }
});
