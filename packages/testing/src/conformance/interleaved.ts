// Calls, compilations, moves, settings and reads that are not waited for: as if each had been made by itself, one after the other.
import { type Backend, type CompiledFunction, compile, type Expr, input, type Variable, variable } from '@pappus/core';
import { expect } from 'vitest';
import type { Setting } from './setting.js';
import { uniforms } from './values.js';

const SIZES = [1, 3, 70, 5, 0, 130];
const ACTIONS = ['compile', 'read', 'read', 'move', 'set', 'set', 'settle', 'call', 'call', 'call', 'call', 'call', 'call'] as const;

interface Action {
  readonly kind: (typeof ACTIONS)[number];
  /** Decides what it is done with. */
  readonly draw: number;
}

type Step = CompiledFunction<{ x: Expr }, { seen: Expr }>;

interface Made {
  readonly run: Step;
  /** What it does to the model, and what its output is. */
  readonly apply: (given: readonly number[]) => readonly number[];
}

/** Variables on a backend, and what plain numbers say that they are; the first is a scalar that steps of all the others read. */
class World {
  private readonly variables: readonly Variable[];
  private model: number[][];
  private readonly made: Made[] = [];
  private pending: Promise<unknown>[] = [];

  constructor(private readonly backend: Backend) {
    this.model = SIZES.map((n, k) => Array.from({ length: n }, (_, i) => i + k));
    this.variables = SIZES.map((n, k) => variable({ data: Int32Array.from(this.model[k] ?? []), shape: k === 0 ? [] : [n] }, { name: `v${k}` }));
  }

  async do({ kind, draw }: Action): Promise<void> {
    const at = draw % SIZES.length;
    switch (kind) {
      case 'compile':
        this.pending.push(this.compile(draw));
        return;
      case 'settle':
        await this.settle();
        return;
      case 'read':
        this.pending.push(this.read(at));
        return;
      case 'move':
        this.pending.push(this.variables[at]?.to(this.backend) ?? Promise.resolve());
        return;
      case 'set':
        this.set(at, draw);
        return;
      case 'call':
        this.call(draw);
    }
  }

  async end(): Promise<void> {
    this.pending.push(...SIZES.map((_, k) => this.read(k)));
    await this.settle();
  }

  async compile(draw: number): Promise<void> {
    const multiplier = 1 + (draw % 3);
    const isChosen = SIZES.map((_, k) => ((draw >> (k + 2)) & 1) === 1);
    const x = input('int32', ['n'], 'x');
    const takes = draw % 2 === 0;
    const [scalar] = this.variables;
    if (scalar === undefined) return;
    const chosen = this.variables.filter((_, k) => isChosen[k]);
    const updates = new Map(chosen.map((v) => [v, v.mul(multiplier).add(takes ? scalar.add(x.sum()) : scalar)]));
    const run = await compile({ inputs: { x }, outputs: { seen: (chosen.at(-1) ?? scalar).add(0) }, updates }, this.backend);
    const apply = (given: readonly number[]): readonly number[] => {
      const seen = this.model[Math.max(0, isChosen.lastIndexOf(true))] ?? [];
      const added = (this.model[0]?.[0] ?? 0) + (takes ? given.reduce((a, b) => a + b, 0) : 0);
      this.model = this.model.map((values, k) => (isChosen[k] === true ? values.map((v) => (Math.imul(v, multiplier) + added) | 0) : values));
      return seen;
    };
    this.made.push({ run, apply });
  }

  /** A call whose array changes after it, and now and then a read of its output, which the next call of the function outdates. */
  private call(draw: number): void {
    const made = this.made[draw % this.made.length];
    if (made === undefined) return;
    const given = Int32Array.from({ length: 1 + (draw % 3) }, (_, k) => (draw + k) % 5);
    const expected = made.apply([...given]);
    const called = made.run({ x: given });
    this.pending.push(called);
    given.fill(-1000);
    if (draw % 7 === 0) {
      this.pending.push(called.then(({ seen }) => seen.read()).then((seen) => expect([...seen]).toEqual(expected), () => undefined));
    }
  }

  private set(at: number, value: number): void {
    const values = Int32Array.from(this.model[at] ?? [], () => value);
    this.model[at] = [...values];
    this.pending.push(this.variables[at]?.set(values) ?? Promise.resolve());
    values.fill(-1000);
  }

  /** What is read is what the model is now, whatever else is done before the read ends. */
  private async read(at: number): Promise<void> {
    const expected = [...(this.model[at] ?? [])];
    const read = await this.variables[at]?.read();
    expect([...(read ?? [])], `v${at}`).toEqual(expected);
  }

  private async settle(): Promise<void> {
    await Promise.all(this.pending);
    this.pending = [];
  }
}

/** From 30 to 60 actions, the same for the same seed. */
function actionsOf(seed: number): readonly Action[] {
  const random = uniforms(seed);
  const below = (count: number): number => Math.floor(random() * count);
  return Array.from({ length: 30 + below(31) }, () => ({ kind: ACTIONS[below(ACTIONS.length)] ?? 'call', draw: below(1e6) }));
}

export async function interleaved(setting: Setting): Promise<void> {
  const backend = await setting.backend();
  for (let seed = 1; seed <= 20; seed++) {
    const world = new World(backend);
    const actions = actionsOf(seed);
    try {
      await world.compile(173);
      for (const each of actions) await world.do(each);
      await world.end();
    } catch (error) {
      throw new Error(`seed ${seed}: ${actions.map(({ kind, draw }) => `${kind} ${draw}`).join(', ')}`, { cause: error });
    }
  }
}
