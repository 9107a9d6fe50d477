/**
 * Routines in WGSL. An item has a workgroup, whose threads go through its steps alike: each has all locals, the first alone stores what
 * is stored outside of parallel loops, and the iterations of those are shared out. Items whose loops are short have a thread each.
 */
import { type Buffer, itemAt, type RoutineKernel } from '@pappus/compiler';
import { neutral, reducing, type RoutineReduction, type RoutineStep, type Term } from '@pappus/core/routines';
import { type Bindings, indent, literal, Shader, type ShaderText } from '../shader.js';
import { barriersOf, waitsInside } from './barriers.js';
import { threadsOf } from './extents.js';
import { type Declaration, Locals } from './locals.js';
import { binaryText, localName, NUMBER_TYPES, TermWriter } from './terms.js';
import { isVarying, varyingLocals } from './varying.js';

/** Threads of a workgroup where each has an item of its own. */
const ITEMS_AT_ONCE = 64;

/** Arrays of a KiB each in shared memory, of one type, through which reductions go at a time: every device has sixteen. */
const MOST_SHARED = 6;

/** How many items a workgroup has. */
export function itemsOfGroup({ code }: RoutineKernel): number {
  return threadsOf(code, new Locals(code.steps)) === 1 ? ITEMS_AT_ONCE : 1;
}

/** @param operands the buffers of the kernel, each once */
export function emitRoutine(kernel: RoutineKernel, bindings: Bindings, operands: readonly Buffer[]): ShaderText {
  // Sizes are constants of the text: the code has them anyway.
  const shader = new Shader(bindings, operands, 1, Infinity);
  const locals = new Locals(kernel.code.steps);
  const threads = threadsOf(kernel.code, locals);
  const writer = new RoutineWriter(shader, kernel, locals, threads);
  const group = 'wg.y * grid.x + wg.x';
  const body = [
    `let item = ${threads === 1 ? `(${group}) * ${ITEMS_AT_ONCE}u + local` : group};`,
    `if (item >= ${shader.number('count')}) { return; }`,
    ...writer.item(),
  ];
  return shader.finish(body.join('\n'), threads === 1 ? ITEMS_AT_ONCE : threads);
}

type Loop = Extract<RoutineStep, { kind: 'for' }>;

class RoutineWriter {
  private readonly terms: TermWriter;
  private readonly barriers: ReadonlySet<RoutineStep>;
  private readonly varying: ReadonlySet<number>;
  private ends = 0;

  constructor(
    private readonly shader: Shader,
    private readonly kernel: RoutineKernel,
    private readonly locals: Locals,
    private readonly threads: number,
  ) {
    const { steps } = kernel.code;
    this.terms = new TermWriter(shader, kernel, locals);
    this.barriers = threads === 1 ? new Set() : barriersOf(steps);
    this.varying = varyingLocals(steps, this.barriers);
  }

  /** The statements for an item. */
  item(): string[] {
    const { steps } = this.kernel.code;
    return [
      ...this.terms.beginnings('i32(item)'),
      ...(this.threads === 1 ? [] : ['let thread = i32(local);']),
      ...this.locals.undeclared().map(({ id, type }) => `var ${localName(id)}: ${NUMBER_TYPES[type]};`),
      ...this.steps(steps, this.threads > 1),
    ];
  }

  /** @param together whether all threads of the item are here */
  private steps(steps: readonly RoutineStep[], together: boolean): string[] {
    const lines: string[] = [];
    /** Stores of the first thread that follow each other. */
    let stores: string[] = [];
    const flush = (): void => {
      lines.push(...under('if (thread == 0) {', stores));
      stores = [];
    };
    for (const step of steps) {
      const waits = this.barriers.has(step);
      if (waits || step.kind !== 'store') flush();
      if (waits && step.kind !== 'while') lines.push('storageBarrier();');
      if (step.kind === 'store' && together) stores.push(this.terms.store(step.array, step.index, step.value));
      else lines.push(...this.step(step, together));
    }
    flush();
    return lines;
  }

  private step(step: RoutineStep, together: boolean): string[] {
    switch (step.kind) {
      case 'set':
        return [this.assignment(step.local.id, step, this.terms.text(step.value))];
      case 'store':
        return [this.terms.store(step.array, step.index, step.value)];
      case 'for':
        return this.loop(step, together);
      case 'reduce':
        return this.reduce(step, together);
      case 'if':
        return [
          ...under(`if (${this.condition(step, together)}) {`, this.steps(step.then, together), false),
          ...(step.otherwise.length === 0 ? ['}'] : under('} else {', this.steps(step.otherwise, together))),
        ];
      case 'while': {
        const body = this.steps(step.body, together);
        const condition = this.condition(step, together);
        if (!this.barriers.has(step)) return under(`while (${condition}) {`, body);
        return under('loop {', ['storageBarrier();', `if (!(${condition})) { break; }`, ...body]);
      }
    }
  }

  private assignment(id: number, step: RoutineStep, value: string): string {
    const declaration: Declaration = this.locals.declaration(id, step);
    return `${declaration === 'set' ? '' : `${declaration} `}${localName(id)} = ${value};`;
  }

  /** The condition of a step, on which threads that wait in it agree first. */
  private condition(step: Extract<RoutineStep, { kind: 'if' | 'while' }>, together: boolean): string {
    const text = this.terms.text(step.condition);
    return together && this.mustAgree(step, step.condition) ? `${this.agree()}(i32(${text}), thread) == 1` : text;
  }

  private mustAgree(step: RoutineStep, term: Term): boolean {
    return waitsInside(step, this.barriers) && isVarying(term, this.varying);
  }

  /** The name of the function that tells all threads what the first has. */
  private agree(): string {
    this.shader.declare('var<workgroup> agreed: i32;');
    this.shader.declare('fn agree(value: i32, thread: i32) -> i32 {\n  if (thread == 0) { agreed = value; }\n  return workgroupUniformLoad(&agreed);\n}');
    return 'agree';
  }

  private loop(step: Loop, together: boolean): string[] {
    const shared = step.order === 'parallel' && together;
    const [before, from, to] = this.bounds(step, together && !shared);
    const index = localName(step.index.id);
    const body = this.steps(step.body, together && !shared);
    if (shared) return [...before, ...under(this.sharedHeading(index, from, to), body)];
    const down = step.order === 'down';
    // What ends at the least integer has no round before it.
    const end = step.to.kind === 'constant' ? to : `max(${to}, ${from})`;
    return [...before, ...under(down ? `for (var ${index} = ${end} - 1; ${index} >= ${from}; ${index} -= 1) {` : `for (var ${index} = ${from}; ${index} < ${to}; ${index} += 1) {`, body)];
  }

  /** A loop of which each thread has its part. */
  private sharedHeading(index: string, from: string, to: string): string {
    return `for (var ${index} = ${from === '0' ? 'thread' : `${from} + thread`}; ${index} < ${to}; ${index} += ${this.threads}) {`;
  }

  /** Statements before a loop, and its bounds, which are evaluated once. */
  private bounds(step: Extract<RoutineStep, { kind: 'for' | 'reduce' }>, together: boolean): readonly [string[], string, string] {
    const before: string[] = [];
    const bound = (term: Term, repeated: boolean): string => {
      const agreed = together && this.mustAgree(step, term);
      const text = agreed ? `${this.agree()}(${this.terms.text(term)}, thread)` : this.terms.text(term);
      if (!agreed && (!repeated || this.isFixed(term))) return text;
      const name = `bound${this.ends++}`;
      before.push(`let ${name} = ${text};`);
      return name;
    };
    const down = step.kind === 'for' && step.order === 'down';
    const [from, to] = [bound(step.from, down), bound(step.to, !down)];
    return [before, from, to];
  }

  /** Whether a term is the same in every round of a loop, and costs next to nothing. */
  private isFixed(term: Term): boolean {
    return term.kind === 'constant' || (term.kind === 'local' && this.locals.isConstant(term.id));
  }

  /** Each thread goes through its part; then they go together in a tree, whose order the sizes alone decide. */
  private reduce(step: Extract<RoutineStep, { kind: 'reduce' }>, together: boolean): string[] {
    const [before, from, to] = this.bounds(step, false);
    const index = localName(step.index.id);
    const part = ({ into }: RoutineReduction): string => `part${into.id}`;
    const first = ({ op, into }: RoutineReduction): string => literal(neutral(op, into.type), into.type === 'int' ? 'int32' : 'float32', this.shader);
    const add = (reduction: RoutineReduction): string =>
      `${part(reduction)} = ${binaryText(reducing(reduction.op), this.shader, reduction.into.type, part(reduction), this.terms.text(reduction.value))};`;
    const heading = together ? this.sharedHeading(index, from, to) : `for (var ${index} = ${from}; ${index} < ${to}; ${index} += 1) {`;
    return [
      ...before,
      ...step.reductions.map((reduction) => `var ${part(reduction)} = ${first(reduction)};`),
      ...under(heading, step.reductions.map(add)),
      ...(together ? this.batches(step.reductions).flatMap((batch) => this.tree(batch, step, part)) : step.reductions.map((r) => this.assignment(r.into.id, step, part(r)))),
    ];
  }

  private batches(reductions: readonly RoutineReduction[]): (readonly RoutineReduction[])[] {
    return Array.from({ length: Math.ceil(reductions.length / MOST_SHARED) }, (_, k) => reductions.slice(k * MOST_SHARED, (k + 1) * MOST_SHARED));
  }

  /** Has what threads have come together, in a function for all reductions of its kind. */
  private tree(batch: readonly RoutineReduction[], step: RoutineStep, part: (reduction: RoutineReduction) => string): string[] {
    const arrays = batch.map(({ into }, k) => `${into.type}s${k}`);
    const arrayOf = (k: number): string => itemAt(arrays, k, 'shared array');
    for (const [k, { into }] of batch.entries()) this.shader.declare(`var<workgroup> ${arrayOf(k)}: array<${NUMBER_TYPES[into.type]}, ${this.threads}>;`);
    const name = ['together', ...batch.map(({ op, into }) => `${op}_${into.type}`)].join('_');
    const combine = batch.map(({ op, into }, k) => `${arrayOf(k)}[thread] = ${binaryText(reducing(op), this.shader, into.type, `${arrayOf(k)}[thread]`, `${arrayOf(k)}[thread + half]`)};`);
    this.shader.declare(
      under(`fn ${name}(thread: i32) {`, [
        'storageBarrier();',
        'workgroupBarrier();',
        ...under(`for (var half = ${this.threads / 2}; half >= 1; half = half / 2) {`, [...under('if (thread < half) {', combine), 'workgroupBarrier();']),
      ]).join('\n'),
    );
    return [
      ...batch.map((reduction, k) => `${arrayOf(k)}[thread] = ${part(reduction)};`),
      `${name}(thread);`,
      ...batch.map(({ into }, k) => this.assignment(into.id, step, `workgroupUniformLoad(&${arrayOf(k)}[0])`)),
    ];
  }
}

/** Statements under a heading; none without any. */
function under(heading: string, lines: readonly string[], closed = true): string[] {
  if (lines.length === 0 && closed && heading.startsWith('if (thread')) return [];
  return [heading, ...lines.map(indent), ...(closed ? ['}'] : [])];
}
