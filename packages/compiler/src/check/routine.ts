/** What the code of a routine keeps: who may write, of which type numbers are, what stands in a parallel loop, and where locals may be named. */
import { allSteps, BINARY, type BinaryName, blocksOf, localsSet, type NumberType, type RoutineCode, type RoutineStep, type Term, termsOf, UNARY, withParts } from '@pappus/core/routines';

/** The types that an operation on two numbers takes. */
const OPERANDS: Readonly<Record<BinaryName, readonly NumberType[]>> = {
  add: ['int', 'float'],
  sub: ['int', 'float'],
  mul: ['int', 'float'],
  div: ['int', 'float'],
  min: ['int', 'float'],
  max: ['int', 'float'],
  lt: ['int', 'float'],
  le: ['int', 'float'],
  eq: ['int', 'float', 'bool'],
  and: ['bool'],
  or: ['bool'],
};

/** What is broken in the code. */
export function brokenSteps(code: RoutineCode): string[] {
  const checker = new StepChecker(code);
  checker.steps(code.steps, false);
  return [...checker.broken, ...brokenIndices(code.steps), ...brokenIterations(code.steps)];
}

/** Indices of loops that are read outside of them, or set. */
function brokenIndices(steps: readonly RoutineStep[]): string[] {
  const indices = new Set(allSteps(steps).flatMap((step) => (step.kind === 'for' || step.kind === 'reduce' ? [step.index.id] : [])));
  const go = (list: readonly RoutineStep[], around: ReadonlySet<number>): string[] =>
    list.flatMap((step) => {
      const own = step.kind === 'for' || step.kind === 'reduce' ? [step.index.id] : [];
      const inside = new Set([...around, ...own]);
      return [
        ...localsRead(step).filter((id) => indices.has(id) && !inside.has(id)).map((id) => `v${id} is read outside of the loop whose index it is`),
        ...localsSet(step).filter((id) => indices.has(id) && !own.includes(id)).map((id) => `v${id} is set, which is the index of a loop`),
        ...blocksOf(step).flatMap((block) => go(block, inside)),
      ];
    });
  return go(steps, new Set());
}

/** Locals that an iteration of a parallel loop sets, and what is outside of the loop names. */
function brokenIterations(steps: readonly RoutineStep[]): string[] {
  const all = allSteps(steps);
  return all.flatMap((step) => {
    if (step.kind !== 'for' || step.order !== 'parallel') return [];
    const inside = new Set(allSteps(step.body));
    const outside = new Set(all.flatMap((other) => (other === step || inside.has(other) ? [] : [...localsSet(other), ...localsRead(other)])));
    const shared = new Set(Array.from(inside).flatMap(localsSet).filter((id) => outside.has(id)));
    return Array.from(shared, (id) => `v${id} is set in a parallel loop and named outside of it`);
  });
}

function localsRead(step: RoutineStep): number[] {
  return Array.from(withParts(termsOf(step))).flatMap((term) => (term.kind === 'local' ? [term.id] : []));
}

class StepChecker {
  readonly broken: string[] = [];

  constructor(private readonly code: RoutineCode) {}

  steps(steps: readonly RoutineStep[], parallel: boolean): void {
    for (const step of steps) this.step(step, parallel);
  }

  private step(step: RoutineStep, parallel: boolean): void {
    switch (step.kind) {
      case 'set':
        this.typed(step.value, step.local.type);
        break;
      case 'store': {
        const array = this.code.arrays[step.array];
        if (array === undefined) this.broken.push(`there is no array ${step.array}`);
        else if (array.role === 'operand') this.broken.push(`${array.name} is written, which is an operand`);
        this.typed(step.index, 'int');
        this.typed(step.value, array?.dtype === 'int32' ? 'int' : 'float');
        break;
      }
      case 'for':
        this.typed(step.from, 'int');
        this.typed(step.to, 'int');
        if (parallel && step.order === 'parallel') this.broken.push('a parallel loop stands in one');
        this.steps(step.body, parallel || step.order === 'parallel');
        break;
      case 'reduce':
        this.typed(step.from, 'int');
        this.typed(step.to, 'int');
        if (parallel) this.broken.push('a reduction stands in a parallel loop');
        for (const { value, into } of step.reductions) this.typed(value, into.type);
        break;
      case 'if':
        this.typed(step.condition, 'bool');
        this.steps(step.then, parallel);
        this.steps(step.otherwise, parallel);
        break;
      case 'while':
        this.typed(step.condition, 'bool');
        this.steps(step.body, parallel);
        break;
    }
  }

  private typed(term: Term, type: NumberType): void {
    if (term.type !== type) this.broken.push(`${term.kind} is ${term.type} where there is ${type}`);
    switch (term.kind) {
      case 'local':
      case 'constant':
        break;
      case 'load': {
        const array = this.code.arrays[term.array];
        if ((array?.dtype === 'int32' ? 'int' : 'float') !== term.type) this.broken.push(`a load of ${term.type} from array ${term.array}, of ${array?.dtype ?? 'nothing'}`);
        this.typed(term.index, 'int');
        break;
      }
      case 'unary': {
        const answer = UNARY[term.op];
        if (answer !== 'same' && answer !== term.type) this.broken.push(`${term.op} answers ${term.type}`);
        if (answer === 'same' && term.type === 'bool') this.broken.push(`${term.op} takes bool`);
        this.typed(term.a, term.op === 'toFloat' ? 'int' : term.op === 'isNan' ? 'float' : term.type);
        break;
      }
      case 'binary':
        if (!OPERANDS[term.op].includes(term.a.type)) this.broken.push(`${term.op} takes ${term.a.type}`);
        if (BINARY[term.op] === 'bool' && term.type !== 'bool') this.broken.push(`${term.op} answers ${term.type}`);
        this.typed(term.a, BINARY[term.op] === 'same' ? term.type : term.a.type);
        this.typed(term.b, term.a.type);
        break;
      case 'select':
        this.typed(term.condition, 'bool');
        this.typed(term.a, term.type);
        this.typed(term.b, term.type);
        break;
    }
  }
}
