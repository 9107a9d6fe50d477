// The tables of the rehearsal: what they name is there, and what they would find wrong is found.
import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { publicPackages, workspaceRoot } from '@pappus/workspace';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../src/consumer.js';
import { check } from '../../src/rehearsal/checks.js';
import { PROGRAMS } from '../../src/rehearsal/programs.js';
import { failuresOf, table } from '../../src/rehearsal/report.js';
import { atVersion } from '../../src/rehearsal/run-scenario.js';
import { SCENARIOS } from '../../src/rehearsal/scenarios.js';
import { type SetName, VERSION_SETS } from '../../src/rehearsal/version-sets.js';
import type { Versions } from '../../src/versions/next-versions.js';

const names = publicPackages.map(({ manifest }) => manifest.name);

describe('scenarios', () => {
  const versions = new Map<SetName, Versions>(VERSION_SETS.map(({ name }, k) => [name, Object.fromEntries(names.map((of) => [of, `1.${k}.0`]))]));

  it('have names of their own, and use every program', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
    expect(new Set(SCENARIOS.flatMap(({ program = [] }) => program))).toEqual(new Set(Object.keys(PROGRAMS)));
  });

  it('install packages of this workspace, at releases that are made', () => {
    const specs = SCENARIOS.flatMap(({ before = [], install }) => [...before, ...install]).filter((spec) => spec !== 'webgpu');
    for (const spec of specs) expect(atVersion(spec, versions)).toMatch(/^(another-core@npm:)?(@pappus\/[\w-]+|pappus)(@1\.\d\.0)?$/);
    expect(new Set(specs.map((spec) => /(@pappus\/[\w-]+|pappus)(@|$)/.exec(spec)?.[1]))).toEqual(new Set(['@pappus/core', '@pappus/sgd', '@pappus/backend-cpu', '@pappus/adam', '@pappus/constraints', '@pappus/backend-webgpu', 'pappus']));
    expect(atVersion('another-core@npm:@pappus/core@core-minor', versions)).toBe('another-core@npm:@pappus/core@1.1.0');
    expect(atVersion('@pappus/core', versions)).toBe('@pappus/core');
  });
});

describe('programs', () => {
  const trained = (losses: readonly number[], x: readonly number[]) => PROGRAMS.sgd.judge([{ losses, x }]);

  it('know what gradient descent does: each step leaves four fifths of the numbers', () => {
    expect(trained([14, 14 * 0.64, 14 * 0.4096], [0.512, 1.024, 1.536])).toEqual([]);
  });

  it('find numbers that are off, missing or none', () => {
    expect(trained([14, 14 * 0.64, 14 * 0.4096], [0.512, 1.024, 1.5361])).toEqual([expect.stringContaining('x is [0.512,1.024,1.5361] instead of [0.512')]);
    expect(trained([14, 14 * 0.64], [0.512, 1.024, 1.536])).toEqual([expect.stringContaining('losses is [14,8.96] instead of')]);
    expect(trained([NaN, 14 * 0.64, 14 * 0.4096], [0.512, 1.024, 1.536])).toHaveLength(1);
    expect(PROGRAMS.sgd.judge('nothing')).toEqual(['reports "nothing"']);
    expect(PROGRAMS.umbrella.judge([{ losses: [], x: [] }])).toHaveLength(1);
  });

  it('find errors that do not say what they are to say', () => {
    expect(PROGRAMS.twoCores.judge("sgd: an expression of another copy of @pappus/core is given; 'npm ls @pappus/core' shows who brings them")).toEqual([]);
    expect(PROGRAMS.twoCores.judge('nothing was refused')).toEqual([expect.stringContaining('the error does not say "another copy of @pappus/core"'), expect.stringContaining('npm ls')]);
  });
});

describe('the major of core', () => {
  it('finds the version of the graph in the sources of core and the compiler, and raises it', async () => {
    const root = await temporaryDirectory();
    try {
      for (const name of ['core', 'compiler']) cpSync(path.join(workspaceRoot, 'packages', name, 'src'), path.join(root, 'packages', name, 'src'), { recursive: true });
      const major = VERSION_SETS.find(({ name }) => name === 'core-major');
      const version = (at: string): number => Number(/export const GRAPH_VERSION = (\d+);/.exec(readFileSync(path.join(at, 'packages/core/src/graph/brand.ts'), 'utf8'))?.[1]);
      await major?.edit?.(root);
      expect(version(root)).toBe(version(workspaceRoot) + 1);
      rmSync(path.join(root, 'packages/core/src/graph/brand.ts'));
      await expect(major?.edit?.(root)).rejects.toThrow('packages/core/src declares GRAPH_VERSION as a number in 0 files instead of one');
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('the report', () => {
  it('shows what held, what did not, and what was not asked', async () => {
    const rows = [
      { name: 'one', outcomes: [await check('install', async () => []), await check('Deno', async () => ['x is 1'])] },
      { name: 'other', outcomes: [await check('install', () => Promise.reject(new Error('no such package')))] },
    ];
    expect(failuresOf(rows)).toEqual(['one, Deno: x is 1', 'other, install: no such package']);
    const lines = table('scenario', rows).split('\n').filter((line) => /one|other|scenario/.test(line)).map((line) => line.split('│').slice(1, -1).map((cell) => cell.trim().replace(/ \d+ s$/, '')));
    expect(lines).toEqual([['scenario', 'install', 'Deno'], ['one', 'ok', 'FAILED'], ['other', 'FAILED', '']]);
  });
});
