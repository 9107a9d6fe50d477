/** What every step of jax-js shares: Adam written out in its operations, in the two forms that are measured, and arrays in and out. */
import { numpy as np, tree } from '@jax-js/jax';
import { hyperparameters } from '../problems/adam.js';

const { learningRate, beta1, beta2, epsilon } = hyperparameters;

export type State = { readonly params: np.Array[]; readonly m: np.Array[]; readonly v: np.Array[] };

/** What changes from step to step: [rate, epsilon] from the host, or [count] from the last step. */
export type Clock = np.Array[];

export interface Form {
  readonly name: string;
  /** The clock of step `t`, which counts from 1; `last` is the one that the step before left. */
  clock(t: number, last: Clock): Clock;
  /** One parameter's step from its next moments. Consumes `param`; everything else is used through `.ref`. */
  moved(param: np.Array, m: np.Array, v: np.Array, clock: Clock): np.Array;
}

/** Kingma & Ba (2014), section 2, second form: rate = learningRate sqrt(1 - beta2^t) / (1 - beta1^t), and epsilon scaled alike. */
export const hostForm: Form = {
  name: 'jax-js',
  clock(t, last) {
    tree.dispose(last);
    const root = Math.sqrt(1 - beta2 ** t);
    // Of a typed array, so that it is an upload; of a plain number, np.array makes a constant, and a kernel for each value.
    return [(learningRate * root) / (1 - beta1 ** t), epsilon * root].map((x) => np.array(Float32Array.of(x), { shape: [] }));
  },
  moved: (param, m, v, clock) => param.sub(m.ref.mul(part(clock, 0).ref).div(np.sqrt(v.ref).add(part(clock, 1).ref))),
};

export const countForm: Form = {
  name: 'jax-js (count)',
  clock: (t, last) => (t === 1 ? [np.array(Float32Array.of(1), { shape: [] })] : last),
  moved(param, m, v, clock) {
    const correction = (beta: number): np.Array => np.subtract(1, np.power(beta, part(clock, 0).ref));
    const mHat = m.ref.div(correction(beta1));
    const vHat = v.ref.div(correction(beta2));
    return param.sub(mHat.div(np.sqrt(vHat).add(epsilon)).mul(learningRate));
  },
};

/** One Adam step over lists of arrays. Consumes all its arguments. */
export function adamStep(form: Form, { params, m, v }: State, grads: readonly np.Array[], clock: Clock): { state: State; clock: Clock } {
  const next: State = { params: [], m: [], v: [] };
  params.forEach((param, i) => {
    const grad = part(grads, i);
    const mNext = grad.ref.mul(1 - beta1).add(part(m, i).mul(beta1));
    const vNext = np.square(grad).mul(1 - beta2).add(part(v, i).mul(beta2));
    next.params.push(form.moved(param, mNext, vNext, clock));
    next.m.push(mNext);
    next.v.push(vNext);
  });
  return { state: next, clock: form === countForm ? clock.map((count) => count.add(1)) : clock };
}

export function initialState(params: readonly Float32Array<ArrayBuffer>[], shapes: readonly (readonly number[])[]): State {
  const upload = (values: Float32Array<ArrayBuffer>, i: number): np.Array => np.array(values).reshape([...part(shapes, i)]);
  return {
    params: params.map(upload),
    m: params.map((param, i) => upload(new Float32Array(param.length), i)),
    v: params.map((param, i) => upload(new Float32Array(param.length), i)),
  };
}

/** The values on the host, when every kernel they wait for has run. Consumes the array. */
export async function floats(array: np.Array): Promise<Float32Array> {
  const values: unknown = await array.data();
  if (!(values instanceof Float32Array)) throw new TypeError('Not an array of float32.');
  return values;
}

export function part<T>(list: readonly T[], i: number): T {
  const found = list[i];
  if (found === undefined) throw new RangeError(`There is no element ${i} in a list of ${list.length}.`);
  return found;
}
