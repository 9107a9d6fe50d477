// Builds the expressions of a graph.
import { type Expr, input, remat, scan, type Variable, variable } from '@pappus/core';
import type { Argument, Body, Graph, Id, Leaf, Step } from './graph.js';
import { applied } from './operations.js';
import type { ScanResult } from './recorder.js';
import type { Leaves, Subject } from '../conformance/differential.js';

export interface BuiltGraph {
  readonly inputs: Readonly<Record<string, Expr>>;
  readonly variables: readonly Variable[];
  readonly outputs: Readonly<Record<string, Expr>>;
  readonly updates: ReadonlyMap<Variable, Expr>;
  /** The expressions of leaves and steps, but for those inside of bodies. */
  readonly values: ReadonlyMap<Id, Expr>;
}

export interface BuildOptions {
  /** Whether scans are the operations that they run, one after the other, for the analysis of rounding. Default false. */
  readonly writtenOut?: boolean;
  /** Leaves by their names. Default new ones. */
  readonly leaves?: Leaves;
}

/** The expressions of a graph. */
export function build(graph: Graph, { writtenOut = false, leaves }: BuildOptions = {}): BuiltGraph {
  const builder = new Builder(writtenOut);
  const inputs: Record<string, Expr> = {};
  const variables = new Map<Id, Variable>();
  for (const leaf of graph.leaves) {
    const made = leafOf(leaf, leaves);
    builder.values.set(leaf.id, made.expr);
    if (made.kind === 'input') inputs[leaf.name] = made.expr;
    else variables.set(leaf.id, made.expr);
  }
  builder.run(graph.steps);
  const updates = new Map<Variable, Expr>();
  for (const [id, value] of graph.updates) {
    const held = variables.get(id);
    if (held === undefined) throw new Error(`value ${id} is updated and no variable`);
    updates.set(held, builder.value(value));
  }
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, id]) => [name, builder.value(id)]));
  return { inputs, variables: [...variables.values()], outputs, updates, values: builder.values };
}

function leafOf(leaf: Leaf, given: Leaves | undefined): { readonly kind: 'input'; readonly expr: Expr } | { readonly kind: 'variable'; readonly expr: Variable } {
  if (leaf.kind === 'input') return { kind: 'input', expr: given?.inputs[leaf.name] ?? input(leaf.dtype, leaf.shape, leaf.name) };
  const { data, shape, dtype } = leaf.value;
  return { kind: 'variable', expr: given?.variables[leaf.name] ?? variable({ data, shape }, { name: leaf.name, dtype }) };
}

/** A graph for those who run subjects. */
export function subjectOf(graph: Graph): Subject {
  const open = new Map(graph.leaves.flatMap((leaf) => (leaf.kind === 'input' ? [[leaf.name, leaf.shape] as const] : [])));
  return {
    steps: graph.calls.map((call) => Object.fromEntries(Object.entries(call).map(([name, value]) => [name, { ...value, open: open.get(name) ?? value.shape }]))),
    variables: Object.fromEntries(graph.leaves.flatMap((leaf) => (leaf.kind === 'variable' ? [[leaf.name, leaf.value]] : []))),
    build: (leaves) => build(graph, { leaves }),
  };
}

class Builder {
  readonly values = new Map<Id, Expr>();
  private readonly scans = new Map<Id, ScanResult>();

  constructor(private readonly writtenOut: boolean) {}

  value(id: Id): Expr {
    const found = this.values.get(id);
    if (found === undefined) throw new Error(`there is no value ${id}`);
    return found;
  }

  run(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'scan') this.scans.set(step.id, this.scan(step));
      else this.values.set(step.id, this.step(step));
    }
  }

  private step(step: Exclude<Step, { kind: 'scan' }>): Expr {
    switch (step.kind) {
      case 'call':
        return applied(step.operation, step.args.map((arg) => this.argument(arg)));
      case 'remat':
        return remat((...inputs: readonly Expr[]) => this.body(step.body, inputs)[0] ?? this.value(step.id), ...step.operands.map((id) => this.value(id)));
      case 'part': {
        const scan = this.scans.get(step.scan);
        const part = scan?.[step.of === 'carry' ? 'carries' : 'outputs'][step.index];
        if (part === undefined) throw new Error(`scan ${step.scan} has no ${step.of} ${step.index}`);
        return part;
      }
    }
  }

  private scan({ carries, inputs, reverse, body }: Extract<Step, { kind: 'scan' }>): ScanResult {
    const [initial, sequences] = [carries.map((id) => this.value(id)), inputs.map((id) => this.value(id))];
    if (this.writtenOut) return this.scanWrittenOut(body, initial, sequences, reverse);
    const result = scan(
      (carry, given) => {
        const all = this.body(body, [...Object.values(carry), ...Object.values(given)]);
        return { carry: record(all.slice(0, carries.length)), outputs: record(all.slice(carries.length)) };
      },
      { carry: record(initial), inputs: record(sequences), reverse },
    );
    return { carries: Object.values(result.carry), outputs: Object.values(result.outputs) };
  }

  private scanWrittenOut(body: Body, initial: readonly Expr[], sequences: readonly Expr[], reverse: boolean): ScanResult {
    const length = Number(sequences[0]?.shape[0] ?? 0);
    let carries = initial;
    const stacked: Expr[][] = [];
    for (let k = 0; k < length; k++) {
      const t = reverse ? length - 1 - k : k;
      // What the body of a scan is given is none of the expressions around it, of which gradients may be asked.
      const all = this.body(body, [...carries, ...sequences.map((s) => applied('slice', [s, t]))].map(another));
      carries = all.slice(0, initial.length);
      for (const [n, e] of all.slice(initial.length).entries()) (stacked[n] ??= [])[t] = e;
    }
    return { carries, outputs: stacked.map((parts) => applied('stack', [parts])) };
  }

  private body({ parameters, steps, results }: Body, given: readonly Expr[]): readonly Expr[] {
    for (const [k, id] of parameters.entries()) {
      const value = given[k];
      if (value !== undefined) this.values.set(id, value);
    }
    this.run(steps);
    return results.map((id) => this.value(id));
  }

  private argument(arg: Argument): unknown {
    if (arg === null || typeof arg !== 'object') return arg;
    switch (arg.kind) {
      case 'value':
        return this.value(arg.id);
      case 'size':
        return this.value(arg.id).shape[arg.axis] ?? 1;
      case 'list':
        return arg.entries.map((entry) => this.argument(entry));
      case 'options':
        return Object.fromEntries(Object.entries(arg.fields).map(([name, field]) => [name, this.argument(field)]));
    }
  }
}

/** The same by another expression. */
function another(e: Expr): Expr {
  return applied('reshape', [applied('reshape', [e, [...e.shape, 1]]), e.shape]);
}

function record(list: readonly Expr[]): Readonly<Record<string, Expr>> {
  return Object.fromEntries(list.map((e, k) => [`p${k}`, e]));
}
