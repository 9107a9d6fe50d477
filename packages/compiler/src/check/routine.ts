/** What the code of a routine keeps: who may write, of which type numbers are, and what stands in a parallel loop. */
import { type NumberType, ROUTINE_BINARY, ROUTINE_UNARY, type RoutineCode, type RoutineStep, type Term } from '@pappus/core/backend';

/** What is broken in the code. */
export function brokenSteps(code: RoutineCode): string[] {
  const checker = new StepChecker(code);
  checker.steps(code.steps, false);
  return checker.broken;
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
        const answer = ROUTINE_UNARY[term.op];
        if (answer !== 'same' && answer !== term.type) this.broken.push(`${term.op} answers ${term.type}`);
        this.typed(term.a, term.op === 'toFloat' ? 'int' : term.op === 'isNan' ? 'float' : term.type);
        break;
      }
      case 'binary':
        if (ROUTINE_BINARY[term.op] === 'bool' && term.type !== 'bool') this.broken.push(`${term.op} answers ${term.type}`);
        this.typed(term.a, ROUTINE_BINARY[term.op] === 'same' ? term.type : term.a.type);
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
