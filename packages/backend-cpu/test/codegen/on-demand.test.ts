// Code that few programs have is loaded by those that do, and by no other.
import { type Expr, input, scatterAdd, sort } from '@pappus/core';
import { GRAPH_VERSION } from '@pappus/core/backend';
import { compileProgram } from '@pappus/compiler';
import { expect, it } from 'vitest';
import { loadOnDemand, type OnDemand } from '../../src/codegen/on-demand.js';

const x = input('float32', [8], 'x');
const i = input('int32', [8], 'i');

async function loadedFor(y: Expr): Promise<OnDemand> {
  const inputs = [{ name: 'x', expr: x }, { name: 'i', expr: i }];
  return loadOnDemand(compileProgram({ graphVersion: GRAPH_VERSION, inputs, outputs: [{ name: 'y', expr: y }], updates: [] }, new Map()).kernels);
}

it.each([
  { what: 'sums', y: x.mul(2).sum(), routine: false, scatter: false },
  { what: 'sorting', y: sort(x), routine: true, scatter: false },
  { what: 'scatters', y: scatterAdd(x, i, x), routine: false, scatter: true },
])('a program of $what', async ({ y, routine, scatter }) => {
  const loaded = await loadedFor(y);
  expect({ routine: loaded.routine !== undefined, scatter: loaded.scatter !== undefined }).toEqual({ routine, scatter });
});
