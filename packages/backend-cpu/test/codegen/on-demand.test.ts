// Code that few programs have is loaded by those that do, and by no other.
import { type Expr, input, scatterAdd, sort } from '@pappus/core';
import { GRAPH_VERSION } from '@pappus/core/backend';
import { compileProgram } from '@pappus/compiler';
import { expect, it } from 'vitest';
import { layOutScratch } from '../../src/codegen/scratch.js';
import { loadOnDemand, type OnDemand } from '../../src/codegen/on-demand.js';

const x = input('float32', [8], 'x');
const i = input('int32', [8], 'i');

async function loadedFor(y: Expr): Promise<OnDemand> {
  const inputs = [{ name: 'x', expr: x }, { name: 'i', expr: i }];
  const { kernels } = compileProgram({ graphVersion: GRAPH_VERSION, inputs, outputs: [{ name: 'y', expr: y }], updates: [] }, new Map());
  return loadOnDemand(kernels, layOutScratch(kernels, false));
}

it.each([
  { what: 'sums', y: x.mul(2).sum(), routine: false, scatter: false, narrow: false },
  { what: 'sorting', y: sort(x), routine: true, scatter: false, narrow: false },
  { what: 'scatters', y: scatterAdd(x, i, x), routine: false, scatter: true, narrow: false },
  { what: 'products of few rows', y: x.matmul(x.add(x.reshape([8, 1]))), routine: false, scatter: false, narrow: true },
])('a program of $what', async ({ y, routine, scatter, narrow }) => {
  const loaded = await loadedFor(y);
  expect({ routine: loaded.routine !== undefined, scatter: loaded.scatter !== undefined, narrow: loaded.narrow !== undefined }).toEqual({ routine, scatter, narrow });
});
