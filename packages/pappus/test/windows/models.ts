// Steps to look into: a small network with Adam, a scan with a product in it, and values for them.
import { adam, crossEntropy, type Expr, glorotUniform, input, type InputValue, sgd, scan, type Variable, variable, zeros } from 'pappus';

interface Spec {
  readonly inputs: Readonly<Record<string, Expr>>;
  readonly outputs: Readonly<Record<string, Expr>>;
  readonly updates: ReadonlyMap<Variable, Expr>;
}

export interface Model {
  readonly spec: Spec;
  readonly values: Readonly<Record<string, InputValue>>;
}

const waves = (count: number): Float32Array => Float32Array.from({ length: count }, (_, k) => Math.sin(k));

/** Two layers and a softmax. */
export function network(): Model {
  const x = input('float32', ['batch', 20], 'x');
  const y = input('int32', ['batch'], 'y');
  const w = variable(glorotUniform([20, 30], { seed: 1 }), { name: 'w' });
  const v = variable(glorotUniform([30, 10], { seed: 2 }), { name: 'v' });
  const b = variable(zeros([10]), { name: 'b' });
  const loss = crossEntropy(x.matmul(w).tanh().matmul(v).add(b), y);
  return {
    spec: { inputs: { x, y }, outputs: { loss }, updates: adam(loss, [w, v, b]) },
    values: { x: waves(8 * 20), y: Int32Array.from({ length: 8 }, (_, k) => k) },
  };
}

/** A state of 5 over 7 steps. */
export function recurrent(): Model {
  const x = input('float32', [7, 2, 3], 'x');
  const u = variable(glorotUniform([3, 5], { seed: 3 }), { name: 'u' });
  const w = variable(glorotUniform([5, 5], { seed: 4 }), { name: 'w' });
  const { outputs } = scan(
    (h, part) => {
      const next = part.matmul(u).add(h.matmul(w)).tanh();
      return { carry: next, outputs: next };
    },
    { carry: zeros([2, 5]), inputs: x },
  );
  const loss = outputs.square().mean();
  return { spec: { inputs: { x }, outputs: { loss }, updates: sgd(loss, [u, w], { learningRate: 0.1 }) }, values: { x: waves(42) } };
}

/** A matrix that is worked out anew in every third step, and what it scales in all of them. */
export function seldom(): Model {
  const g = input('float32', [6, 6], 'g');
  const step = variable(0, { name: 'step', dtype: 'int32' });
  const w = variable(glorotUniform([6, 6], { seed: 5 }), { name: 'w' });
  const root = variable(glorotUniform([6, 6], { seed: 6 }), { name: 'root' });
  const fresh = step.mod(3).eq(1).where(g.matmul(g.transpose()).mul(0.1).matmul(root).tanh(), root);
  const next = w.sub(fresh.matmul(g));
  return { spec: { inputs: { g }, outputs: { norm: next.square().sum() }, updates: new Map<Variable, Expr>([[w, next], [root, fresh], [step, step.add(1)]]) }, values: { g: waves(36) } };
}
