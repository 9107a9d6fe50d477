/**
 * What every backend must do, as tests that it runs by passing itself in. Everything is compared with the float64
 * interpreter of core, which is the definition.
 */
import type { Backend } from '@pappus/core';
import { describe } from 'vitest';
import { calls } from './conformance/calls.js';
import { coverage } from './conformance/coverage.js';
import { cumulative } from './conformance/cumulative.js';
import { deep } from './conformance/deep.js';
import { edgeCases } from './conformance/edge-cases.js';
import { edges } from './conformance/edges.js';
import { elementary } from './conformance/elementary.js';
import { elementwise } from './conformance/elementwise.js';
import { factorizations } from './conformance/factorizations.js';
import { float32 } from './conformance/float32.js';
import { fuzz } from './conformance/fuzz.js';
import { gradients } from './conformance/gradients.js';
import { hostScalars } from './conformance/host-scalars.js';
import { indexing } from './conformance/indexing.js';
import { linearAlgebra } from './conformance/linear-algebra.js';
import { linearSolve } from './conformance/linear-solve.js';
import { memory } from './conformance/memory.js';
import { movement } from './conformance/movement.js';
import { networks } from './conformance/networks.js';
import { operands } from './conformance/operands.js';
import { order } from './conformance/order.js';
import { padding } from './conformance/padding.js';
import { products } from './conformance/products.js';
import { random } from './conformance/random.js';
import { recurrent } from './conformance/recurrent.js';
import { reductions } from './conformance/reductions.js';
import { type ConformanceOptions, Setting } from './conformance/setting.js';
import { routines } from './conformance/routines.js';
import { scatters } from './conformance/scatters.js';
import { shapes } from './conformance/shapes.js';
import { transforms } from './conformance/transforms.js';
import { updates } from './conformance/updates.js';
import { wideGraphs } from './conformance/wide.js';
import { windows } from './conformance/windows.js';

export { type Closeness, difference, execute, expectAgreement, leaf, type Subject, type Value } from './conformance/differential.js';
export { drawsOf, type RandomComputation, randomComputation, type RandomPlan } from './conformance/random-computation.js';
export { subjectOf } from './graphs/build.js';
export { someRandomGraphs } from './conformance/some-random-graphs.js';
export type { ConformanceOptions } from './conformance/setting.js';
export { counting, fromList, samples, type Spread, spread, uniforms } from './conformance/values.js';

/** The sections of the suite. */
const SECTIONS = { elementwise, reductions, movement, indexing, scatters, padding, shapes, operands, products, windows, networks, recurrent, cumulative, routines, linearAlgebra, linearSolve, factorizations, gradients, edges, edgeCases, random, updates, hostScalars, float32, calls, memory, fuzz, deep, order, elementary, transforms };

/** A section of the suite: a test file may run some of them, so that files run side by side. */
export type Section = keyof typeof SECTIONS;

/** Whether the suite has a section of this name. */
export function isSection(name: string): name is Section {
  return name in SECTIONS;
}

/** All of them. */
export const ALL_SECTIONS: readonly Section[] = Object.keys(SECTIONS).filter(isSection);

/**
 * Declares the tests of a backend.
 *
 * @example conformance('cpu', cpu, { dtypes: ['float32', 'int32', 'bool'], tolerance: { float32: 5e-7, float64: 2e-15 } });
 */
export function conformance(name: string, makeBackend: () => Promise<Backend>, options: ConformanceOptions, sections: readonly Section[] = ALL_SECTIONS): void {
  describe(`conformance of ${name}`, () => {
    const setting = new Setting(makeBackend, options);
    for (const section of sections) SECTIONS[section](setting);
    coverage(setting, sections);
  });
}

/**
 * Declares tests of random graphs of the wide kind: open dimensions of several sizes, odd values, scans, gradients.
 *
 * @param graphs how many
 */
export function soak(name: string, makeBackend: () => Promise<Backend>, options: ConformanceOptions, graphs: number, seed: number): void {
  describe(`${graphs} random graphs on ${name}`, () => wideGraphs(new Setting(makeBackend, options), { runs: graphs, seed }));
}
