/** What `compile` is given, checked before any backend sees it. */
import type { Computation, NamedExpr } from './backend.js';
import { GRAPH_VERSION, isExpr } from '../graph/brand.js';
import { describe, topological } from '../graph/describe.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { fieldsOf, reading } from '../arguments/fields.js';
import { broadcastTo } from '../operations/movement.js';
import { formatShape, isList, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { isMap, mergeUpdates, notUpdates } from '../optimizer/updates.js';
import { Variable } from '../values/variable.js';
import { isThenable } from '../values/values.js';

const PARTS = ['inputs', 'outputs', 'updates'] as const;

/** What `compile` is given, when it is known to mean something. */
export interface CheckedSpec {
  /** What a backend gets. */
  readonly computation: Computation;
  /** All that are read or updated. */
  readonly variables: ReadonlySet<Variable>;
}

/**
 * The computation that a spec describes.
 *
 * @throws {GraphError|OptimizerError|ShapeError|DTypeError} if it is no spec, as `compile` says
 */
export function checkSpec(spec: unknown): CheckedSpec {
  const parts = new Map<string, unknown>();
  if (spec === undefined) throw new GraphError('compile: no spec is given; it has inputs, outputs and updates, as in compile({ inputs, outputs, updates }, backend)');
  for (const [name, value] of fieldsOf(spec, 'compile: the spec', GraphError)) {
    if (!PARTS.some((part) => part === name)) throw new GraphError(`compile: a spec has no '${name}'; it has ${PARTS.join(', ')}`);
    parts.set(name, value);
  }
  const inputs = checkedInputs(parts.get('inputs'));
  const outputs = fieldsOf(parts.get('outputs'), 'outputs', GraphError).map(([name, expr]) => {
    if (!isExpr(expr, `outputs: '${name}'`)) {
      throw new GraphError(`outputs: '${name}' is no expression${expr === null || typeof expr === 'object' ? `, but ${show(expr)}${isThenable(expr) ? '; await it first' : ''}` : ''}`);
    }
    return { name, expr };
  });
  const updates = reading('updates', GraphError, () => checkedUpdates(parts.has('updates') ? parts.get('updates') : []));
  const declared = new Set(inputs.map((i) => i.expr));
  const variables = new Set(updates.map(({ variable }) => variable));
  for (const expr of topological([...outputs, ...updates].map((root) => root.expr))) {
    if (expr.node.kind === 'placeholder') {
      throw new GraphError(`the computation depends on ${describe(expr)} outside of its step; let the step answer it among its outputs`);
    }
    if (expr.node.kind === 'input' && !declared.has(expr)) {
      throw new GraphError(`the computation depends on ${describe(expr)}, which is missing in 'inputs'; add it there under a name`);
    }
    if (expr instanceof Variable) variables.add(expr);
  }
  checkNames(variables);
  return { computation: { graphVersion: GRAPH_VERSION, inputs, outputs, updates }, variables };
}

function checkedInputs(given: unknown): readonly NamedExpr[] {
  const inputs = fieldsOf(given, 'inputs', GraphError).map(([name, expr]) => {
    if (!isExpr(expr, `inputs: '${name}'`) || expr.node.kind !== 'input') {
      throw new GraphError(`inputs: '${name}' is no input; make it with input(dtype, shape)`);
    }
    return { name, expr };
  });
  for (const [k, { name, expr }] of inputs.entries()) {
    const earlier = inputs.slice(0, k).find((other) => other.expr === expr);
    if (earlier !== undefined) throw new GraphError(`inputs: '${earlier.name}' and '${name}' are the same input; declare it once`);
  }
  return inputs;
}

function checkedUpdates(given: unknown): Computation['updates'] {
  const list: unknown = isMap(given) ? [given] : given;
  if (!isList(list)) throw notUpdates(given);
  const maps: ReadonlyMap<Variable, Expr>[] = [];
  for (const map of list) {
    if (!isUpdates(map)) throw notUpdates(given);
    maps.push(map);
  }
  return [...mergeUpdates(...maps)].map(([variable, expr]) => {
    if (!isExpr(expr, `the update of ${describe(variable)}`)) throw noUpdate(variable, expr);
    if (expr.dtype !== variable.dtype) {
      throw new DTypeError(`the update of ${describe(variable)} is ${expr.dtype}; cast it with .cast('${variable.dtype}')`);
    }
    if (!sameShape(expr.shape, variable.shape)) {
      throw new ShapeError(`the update of ${describe(variable)} has the shape ${formatShape(expr.shape)}`);
    }
    // A call checks that a slice that is cut short fills the variable.
    return { variable, expr: broadcastTo(expr, variable.shape) };
  });
}

/** Whether it is a Map; its keys are checked as it is merged with others, and then what they become. */
function isUpdates(map: unknown): map is ReadonlyMap<Variable, Expr> {
  return isMap(map);
}

function noUpdate(variable: Variable, given: unknown): GraphError {
  const advice =
    typeof given === 'number' || typeof given === 'boolean'
      ? `; make an expression of it, as in constant(${show(given)}, [${variable.shape.join(', ')}]), or set the variable before the call`
      : isThenable(given)
        ? '; await it first'
        : '';
  return new GraphError(`the update of ${describe(variable)} is no expression, but ${show(given)}${advice}`);
}

/** Saved values are found by name, and messages name variables: in one step a name is that of one. */
function checkNames(variables: ReadonlySet<Variable>): void {
  const byName = new Map<string, Variable>();
  for (const variable of variables) {
    const other = byName.get(variable.name);
    if (other !== undefined) {
      throw new GraphError(
        `two variables of this step have the name '${variable.name}': ${describe(other)} and ${describe(variable)}. Give variables names of their own, as in variable(value, { name }); ` +
          `if they are the state of a rule that is used twice, give one of the two rules a name, as in adam(loss, params, { name: 'adam2' })`,
      );
    }
    byName.set(variable.name, variable);
  }
}
