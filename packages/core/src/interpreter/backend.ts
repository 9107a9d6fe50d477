/** The interpreter as a backend: the same program, evaluated in float64, one operation at a time. */
import type { Backend, Computation, DeviceTensor, Executable, VariableStorage } from '../run/backend.js';
import { type DType, held, toTypedArray, type TypedArray } from '../graph/dtype.js';
import { GRAPH_VERSION, requireOwn } from '../graph/brand.js';
import { BackendError } from '../errors.js';
import { DISPOSE, Lifetime } from '../run/lifetime.js';
import type { Expr } from '../graph/expr.js';
import { fieldsOf } from '../arguments/fields.js';
import { frozen } from '../graph/shape.js';
import { Variable } from '../values/variable.js';
import { bindDimension } from '../graph/dimension.js';
import { topological } from '../graph/describe.js';
import { interpret } from './interpreter.js';
import type { Dense } from './tensor.js';

/**
 * A backend that evaluates every operation in float64 in plain TypeScript. It is the definition that other backends are
 * tested against; float32 variables and inputs hold float32, and only what lies between them is float64.
 */
export function interpreter(options?: Readonly<Record<string, never>>): Backend {
  for (const [name] of fieldsOf(options, 'interpreter: the options', BackendError)) throw new BackendError(`interpreter: there is no option '${name}'; it takes none`);
  return new InterpreterBackend();
}

class InterpreterStorage implements VariableStorage {
  constructor(
    readonly backend: Backend,
    readonly dtype: DType,
    public values: Float64Array,
    private readonly life: Lifetime,
  ) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejected promise, not a thrown error, where it is gone
  async read(): Promise<TypedArray> {
    this.life.check();
    return toTypedArray(this.dtype, this.values);
  }

  write(values: TypedArray): void {
    this.life.check();
    this.values = Float64Array.from(values);
  }
}

class InterpreterTensor implements DeviceTensor {
  constructor(
    readonly backend: Backend,
    readonly dtype: DType,
    readonly value: Dense,
    private readonly life: Lifetime,
  ) {}

  get shape(): readonly number[] {
    return frozen(this.value.shape);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejected promise, not a thrown error, where it is gone
  async read(): Promise<TypedArray> {
    this.life.check();
    return toTypedArray(this.dtype, this.value.data);
  }
}

class InterpreterBackend implements Backend {
  readonly name = 'interpreter';
  readonly graphVersion = GRAPH_VERSION;
  private readonly life = new Lifetime(() => 'the backend interpreter was disposed of, and what was on it is gone; make a new one', () => undefined);

  check({ inputs, outputs, updates }: Computation): void {
    this.life.check();
    for (const { expr } of [...inputs, ...outputs, ...updates]) requireOwn(expr, 'interpreter');
    for (const { variable } of updates) requireOwn(variable, 'interpreter');
  }

  store(variable: Variable, values: TypedArray): VariableStorage {
    requireOwn(variable, 'interpreter');
    this.life.check();
    return new InterpreterStorage(this, variable.dtype, Float64Array.from(values), this.life);
  }

  dispose(): void {
    this.life.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  prepare(computation: Computation, sizes: ReadonlyMap<string, number>): Promise<Executable> {
    const roots = [...computation.outputs, ...computation.updates].map((root) => root.expr);
    const leaves = topological(roots).filter((e) => e instanceof Variable);
    const variables = new Set([...leaves, ...computation.updates.map((u) => u.variable)]);
    for (const variable of variables) this.adopt(variable);
    const run = (inputs: readonly (TypedArray | DeviceTensor)[]): readonly DeviceTensor[] => {
      this.life.check();
      const given = new Map<Expr, Dense>();
      for (const [k, { expr }] of computation.inputs.entries()) {
        given.set(expr, this.asDense(inputs[k], expr.shape.map((d) => bindDimension(d, sizes))));
      }
      const feed = (leaf: Expr): Dense | undefined =>
        leaf instanceof Variable ? { data: this.adopt(leaf).values, shape: leaf.shape } : given.get(leaf);
      const values = interpret(roots, feed, sizes);
      const next = values.slice(computation.outputs.length);
      for (const [k, { variable }] of computation.updates.entries()) {
        const value = next[k];
        if (value !== undefined) this.adopt(variable).values = heldBy(value.data, variable.dtype);
      }
      return computation.outputs.flatMap(({ expr }, k) => {
        const value = values[k];
        return value === undefined ? [] : [new InterpreterTensor(this, expr.dtype, value, this.life)];
      });
    };
    return Promise.resolve({ run, program: { kernels: [], hostScalars: [], calls: 0, bytes: { inputs: 0, outputs: 0, variables: 0, temporaries: 0, code: 0 } } });
  }

  private adopt(variable: Variable): InterpreterStorage {
    const host = variable.hostValue();
    if (host !== undefined) variable.place(this.store(variable, host));
    const { storage } = variable;
    if (storage instanceof InterpreterStorage && storage.backend === this) return storage;
    throw new BackendError(`variable ${variable.name} lives on another backend; move it with await ${variable.name}.to(backend)`);
  }

  private asDense(value: TypedArray | DeviceTensor | undefined, shape: readonly number[]): Dense {
    if (value instanceof InterpreterTensor) return { data: heldBy(value.value.data, value.dtype), shape };
    if (value === undefined || 'backend' in value) throw new BackendError('an input is not on this backend');
    return { data: Float64Array.from(value), shape };
  }
}

/** A copy, as a variable or an input of the dtype holds it. */
function heldBy(values: Float64Array, dtype: DType): Float64Array {
  return values.map((value) => held(value, dtype));
}
