/** The code of a routine as text. */
import type { RoutineCode, RoutineStep, Term } from '@pappus/core/routines';

const SIGNS: Partial<Record<string, string>> = { add: '+', sub: '-', mul: '*', div: '/', lt: '<', le: '<=', eq: '==', and: 'and', or: 'or' };

/** The lines of the code, over the names of its arrays. */
export function routineSteps({ arrays, steps }: RoutineCode): string[] {
  const names = arrays.map(({ name }) => name.replaceAll(' ', '_'));
  const nameOf = (array: number): string => names[array] ?? '?';
  const text = (term: Term): string => {
    switch (term.kind) {
      case 'local':
        return `v${term.id}`;
      case 'constant':
        return String(term.value);
      case 'load':
        return `${nameOf(term.array)}[${text(term.index)}]`;
      case 'unary':
        return `${term.op}(${text(term.a)})`;
      case 'binary': {
        const sign = SIGNS[term.op];
        return sign === undefined ? `${term.op}(${text(term.a)}, ${text(term.b)})` : `(${text(term.a)} ${sign} ${text(term.b)})`;
      }
      case 'select':
        return `(${text(term.condition)} ? ${text(term.a)} : ${text(term.b)})`;
    }
  };
  const under = (heading: string, inside: readonly RoutineStep[]): string[] => [`${heading}:`, ...lines(inside).map((line) => `  ${line}`)];
  const lines = (list: readonly RoutineStep[]): string[] => list.flatMap((step): string[] => {
    switch (step.kind) {
      case 'set':
        return [`${text(step.local)} = ${text(step.value)}`];
      case 'store':
        return [`${nameOf(step.array)}[${text(step.index)}] = ${text(step.value)}`];
      case 'for':
        return under(`${step.order === 'parallel' ? 'in parallel ' : ''}for ${text(step.index)} from ${text(step.from)} to ${text(step.to)}${step.order === 'down' ? ', downwards' : ''}`, step.body);
      case 'reduce':
        return step.reductions.map(({ op, value, into }) => `${text(into)} = ${op} of ${text(value)} for ${text(step.index)} from ${text(step.from)} to ${text(step.to)}`);
      case 'if':
        return [...under(`if ${text(step.condition)}`, step.then), ...(step.otherwise.length === 0 ? [] : under('else', step.otherwise))];
      case 'while':
        return under(`while ${text(step.condition)}`, step.body);
    }
  });
  return lines(steps);
}
