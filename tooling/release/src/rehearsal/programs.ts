// The small programs that applications run: each trains, and reports numbers that are known beforehand, or the text of an error.

export interface Program {
  /** A module in TypeScript that exports `train(): Promise<unknown>`. */
  readonly source: string;
  /** What is wrong with the report of `train`; nothing, as a rule. */
  readonly judge: (report: unknown) => readonly string[];
}

const STEPS = 3;
const RATE = 0.1;

/** From here on: to the minimum of the sum of squares, along a gradient of twice the numbers. */
const START = [1, 2, 3];

/** The numbers after three steps on the sum of squares, and the losses before each. */
interface Course {
  readonly losses: readonly number[];
  readonly x: readonly number[];
}

/** @param update one step, from the numbers and their gradient */
function course(update: (x: readonly number[], grad: readonly number[], t: number) => readonly number[]): Course {
  let x: readonly number[] = START;
  const losses: number[] = [];
  for (let t = 1; t <= STEPS; t++) {
    losses.push(x.reduce((sum, value) => sum + value * value, 0));
    x = update(x, x.map((value) => 2 * value), t);
  }
  return { losses, x };
}

const descent = course((x, grad) => x.map((value, k) => value - RATE * (grad[k] ?? NaN)));

/** Adam as its paper has it, of gradients whose norm is 1 at most; no number is above 2.5. */
function clippedAdam(): Course {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const m = START.map(() => 0);
  const v = START.map(() => 0);
  return course((x, grad, t) => {
    const norm = Math.hypot(...grad);
    return x.map((value, k) => {
      const g = (grad[k] ?? NaN) / Math.max(1, norm);
      const mNext = (m[k] = beta1 * (m[k] ?? NaN) + (1 - beta1) * g);
      const vNext = (v[k] = beta2 * (v[k] ?? NaN) + (1 - beta2) * g * g);
      return Math.min(value - (RATE * (mNext / (1 - beta1 ** t))) / (Math.sqrt(vNext / (1 - beta2 ** t)) + epsilon), 2.5);
    });
  });
}

/** In float32, of numbers up to 14. */
const TOLERANCE = 1e-5;

function differences(what: string, got: unknown, expected: Course): readonly string[] {
  const held: Readonly<Record<string, unknown>> = typeof got === 'object' && got !== null ? { ...got } : {};
  return Object.entries(expected).flatMap(([name, wanted]: [string, readonly number[]]) => {
    const numbers = held[name];
    const isClose = Array.isArray(numbers) && numbers.length === wanted.length && wanted.every((value, k) => Math.abs(value - Number(numbers[k])) < TOLERANCE);
    return isClose ? [] : [`${what}: ${name} is ${JSON.stringify(numbers)} instead of ${JSON.stringify(wanted)}`];
  });
}

/** A rule's line of a program: what it does with `loss` and `x`. */
const BY_SGD = { updates: `sgd(loss, [x], { learningRate: ${RATE} })`, expected: descent };
const BY_ADAM = { updates: `adam(clipByGlobalNorm(grad(loss, [x]), 1), [x], { learningRate: ${RATE} }).modify(x, (next) => box(next, -2.5, 2.5))`, expected: clippedAdam() };

type Imports = Readonly<Record<string, string>>;
const importLines = (imports: Imports): string => Object.entries(imports).map(([from, names]) => `import { ${names} } from '${from}';\n`).join('');

/** A program that trains once by each of the rules, on one backend. */
function trains(imports: Imports, rules: readonly (typeof BY_SGD)[], backend: string): Program {
  const courses = rules.map(
    ({ updates }) => `  {
    const x = variable([${START.join(', ')}], { name: 'x' });
    const loss = x.square().sum();
    const step = await compile({ outputs: { loss }, updates: ${updates} }, backend);
    const losses: number[] = [];
    for (let t = 0; t < ${STEPS}; t++) losses.push(await (await step({})).loss.item());
    reports.push({ losses, x: Array.from(await x.read(), Number) });
  }
`,
  );
  return {
    source: `${importLines(imports)}
export async function train(): Promise<unknown> {
  const backend = await ${backend}();
  const reports: { losses: number[]; x: number[] }[] = [];
${courses.join('')}  return reports;
}
`,
    judge: (report) => (Array.isArray(report) && report.length === rules.length ? rules.flatMap(({ updates, expected }, k) => differences(updates, report[k], expected)) : [`reports ${JSON.stringify(report)}`]),
  };
}

/** A program whose work throws, with all of `texts` in the error. */
function isRefused(imports: Imports, work: string, texts: readonly string[]): Program {
  return {
    source: `${importLines(imports)}
export async function train(): Promise<unknown> {
  try {
    ${work}
    return 'nothing was refused';
  } catch (error) {
    return String(error);
  }
}
`,
    judge: (report) => texts.filter((text) => !String(report).includes(text)).map((text) => `the error does not say "${text}": ${String(report)}`),
  };
}

export const PROGRAMS = {
  /** Gradient descent on the CPU, from single packages. */
  sgd: trains({ '@pappus/core': 'compile, variable', '@pappus/sgd': 'sgd', '@pappus/backend-cpu': 'cpu' }, [BY_SGD], 'cpu'),
  /** Adam on the GPU, with a clipped gradient and a box for the parameter. */
  gpu: trains({ '@pappus/core': 'compile, grad, variable', '@pappus/adam': 'adam', '@pappus/constraints': 'box, clipByGlobalNorm', '@pappus/backend-webgpu': 'webgpu' }, [BY_ADAM], 'webgpu'),
  /** Both rules on the CPU, from the umbrella. */
  umbrella: trains({ pappus: 'adam, box, clipByGlobalNorm, compile, cpu, grad, sgd, variable' }, [BY_SGD, BY_ADAM], 'cpu'),
  /** Both rules from packages that the application has chosen, beside the umbrella. */
  mixed: trains({ pappus: 'box, clipByGlobalNorm, compile, cpu, grad, variable', '@pappus/adam': 'adam', '@pappus/sgd': 'sgd' }, [BY_SGD, BY_ADAM], 'cpu'),
  /** A variable of one copy of core, given to a rule that has the other one. */
  twoCores: isRefused({ 'another-core': 'variable', '@pappus/sgd': 'sgd' }, `const x = variable([1]);\n    sgd(x.square().sum() as never, [x] as never);`, ['another copy of @pappus/core', "'npm ls @pappus/core'"]),
  /** A step whose graph is of another version than the backend's compiler speaks. */
  graphVersions: isRefused(
    { '@pappus/core': 'compile, variable', '@pappus/sgd': 'sgd', '@pappus/backend-cpu': 'cpu' },
    `const x = variable([1]);\n    const loss = x.square().sum();\n    await compile({ updates: sgd(loss, [x]) }, await cpu());`,
    ['version 1 of the graph', 'version 2', 'update'],
  ),
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof PROGRAMS;
