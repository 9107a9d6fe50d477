// Writes down what a generator builds: each operation is called and becomes a step of a graph.
import { Expr, input, remat, scan, type Variable, variable } from '@pappus/core';
import { OpenDimension } from '@pappus/core/backend';
import type { Argument, Body, Call, Graph, GivenTensor, Id, Leaf, Step } from './graph.js';
import { applied, type Apply } from './operations.js';

/** Of a scan: the last carries, and the outputs `[length, ...]`. */
export interface ScanResult {
  readonly carries: readonly Expr[];
  readonly outputs: readonly Expr[];
}

export interface LoopOptions {
  readonly carries: readonly Expr[];
  readonly inputs: readonly Expr[];
  readonly reverse: boolean;
}

/** What a graph answers, by the expressions that a recorder made. */
export interface Results {
  readonly outputs: Readonly<Record<string, Expr>>;
  readonly updates: ReadonlyMap<Variable, Expr>;
}

export class Recorder {
  private readonly leaves: Leaf[] = [];
  private readonly ids = new Map<Expr, Id>();
  private nextId = 0;
  private scope: { readonly steps: Step[]; readonly made: Expr[] } = { steps: [], made: [] };

  input(name: string, dtype: GivenTensor['dtype'], shape: readonly (number | string)[]): Expr {
    const made = input(dtype, shape, name);
    this.leaves.push({ kind: 'input', id: this.number(made), name, dtype, shape });
    return made;
  }

  variable(name: string, value: GivenTensor): Variable {
    const made = variable({ data: value.data, shape: value.shape }, { name, dtype: value.dtype });
    this.leaves.push({ kind: 'variable', id: this.number(made), name, value });
    return made;
  }

  readonly apply: Apply = (operation, ...args) => {
    const recorded = args.map((arg: unknown) => this.argument(arg));
    const result = applied(operation, args);
    // What was computed before is the same expression, under the number that it has.
    if (!this.ids.has(result)) this.scope.steps.push({ kind: 'call', id: this.number(result), operation, args: recorded });
    return result;
  };

  remat(f: (...inputs: readonly Expr[]) => Expr, operands: readonly Expr[]): Expr {
    let body: Body | undefined;
    const result = remat((...inputs: readonly Expr[]) => {
      const [answer] = this.inside(inputs, () => [f(...inputs)], (found) => (body = found));
      if (answer === undefined) throw new Error('a body without a result');
      return answer;
    }, ...operands);
    if (body !== undefined && !this.ids.has(result)) this.scope.steps.push({ kind: 'remat', id: this.number(result), operands: operands.map((e) => this.idOf(e)), body });
    return result;
  }

  scan(step: (carries: readonly Expr[], inputs: readonly Expr[]) => ScanResult, { carries, inputs, reverse }: LoopOptions): ScanResult {
    let body: Body | undefined;
    const result = scan(
      (carry, given) => {
        const [held, slices] = [Object.values(carry), Object.values(given)];
        const all = this.inside([...held, ...slices], () => {
          const answer = step(held, slices);
          return [...answer.carries, ...answer.outputs];
        }, (found) => (body = found));
        return { carry: record(all.slice(0, carries.length)), outputs: record(all.slice(carries.length)) };
      },
      { carry: record(carries), inputs: record(inputs), reverse },
    );
    const answer: ScanResult = { carries: Object.values(result.carry), outputs: Object.values(result.outputs) };
    if (body === undefined) return answer;
    const id = this.nextId++;
    this.scope.steps.push({ kind: 'scan', id, carries: carries.map((e) => this.idOf(e)), inputs: inputs.map((e) => this.idOf(e)), reverse, body });
    for (const [of, parts] of [['carry', answer.carries], ['outputs', answer.outputs]] as const) {
      for (const [index, part] of parts.entries()) {
        if (!this.ids.has(part)) this.scope.steps.push({ kind: 'part', id: this.number(part), scan: id, of, index });
      }
    }
    return answer;
  }

  graph({ outputs, updates }: Results, calls: readonly Call[]): Graph {
    return {
      leaves: this.leaves,
      steps: this.scope.steps,
      outputs: Object.fromEntries(Object.entries(outputs).map(([name, e]) => [name, this.idOf(e)])),
      updates: [...updates].map(([v, e]) => [this.idOf(v), this.idOf(e)]),
      calls,
    };
  }

  /** Records a body. What it computes is known inside of it only. */
  private inside(parameters: readonly Expr[], f: () => readonly Expr[], answer: (body: Body) => void): readonly Expr[] {
    const around = this.scope;
    this.scope = { steps: [], made: [] };
    try {
      const numbers = parameters.map((parameter) => this.number(parameter));
      const results = f();
      answer({ parameters: numbers, steps: this.scope.steps, results: results.map((e) => this.idOf(e)) });
      return results;
    } finally {
      for (const made of this.scope.made) this.ids.delete(made);
      this.scope = around;
    }
  }

  private number(expr: Expr): Id {
    const id = this.nextId++;
    this.ids.set(expr, id);
    this.scope.made.push(expr);
    return id;
  }

  private idOf(expr: Expr): Id {
    const id = this.ids.get(expr);
    if (id === undefined) throw new Error(`${expr.toString()} was not recorded`);
    return id;
  }

  private argument(arg: unknown): Argument {
    if (arg === null || typeof arg === 'number' || typeof arg === 'string' || typeof arg === 'boolean') return arg;
    if (arg instanceof Expr) return { kind: 'value', id: this.idOf(arg) };
    if (arg instanceof OpenDimension) return this.size(arg);
    if (Array.isArray(arg)) return { kind: 'list', entries: arg.map((entry: unknown) => this.argument(entry)) };
    if (typeof arg === 'object') return { kind: 'options', fields: Object.fromEntries(Object.entries(arg).map(([name, field]) => [name, this.argument(field)])) };
    throw new TypeError(`an argument of an operation is ${typeof arg}`);
  }

  private size(size: OpenDimension): Argument {
    for (const [expr, id] of this.ids) {
      const axis = expr.shape.indexOf(size);
      if (axis >= 0) return { kind: 'size', id, axis };
    }
    throw new Error(`nothing that was recorded has the size ${size.toString()}`);
  }
}

function record(list: readonly Expr[]): Readonly<Record<string, Expr>> {
  return Object.fromEntries(list.map((e, k) => [`p${k}`, e]));
}
