// Nothing on a compiled path runs in the interpreter: it is the definition, and would hide a kernel that is missing.
import { readdirSync, readFileSync } from 'node:fs';
import { interpreter } from '@pappus/core';
import { counting, drawsOf, execute, randomComputation, spread, type Subject, subjectOf } from '@pappus/testing/conformance';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cpu } from '../src/index.js';
import { adaptiveStep } from './adaptive.js';

const calls = vi.hoisted(() => ({ count: 0 }));

vi.mock('../../core/src/interpreter/interpreter.js', async (importOriginal) => {
  const original = await importOriginal<Readonly<Record<string, (...args: readonly unknown[]) => unknown>>>();
  const interpret = (...args: readonly unknown[]): unknown => {
    calls.count++;
    return original['interpret']?.(...args);
  };
  return { ...original, interpret };
});

beforeEach(() => {
  calls.count = 0;
});

const subject: Subject = {
  steps: [{ x: { ...spread('float32', [3, 4]), open: ['n', 4] } }, { x: { ...spread('float32', [5, 4]), open: ['n', 4] } }],
  variables: { w: spread('float32', [4, 2]), n: counting('int32', []) },
  build: ({ inputs: { x }, variables: { w, n } }) => {
    if (x === undefined || w === undefined || n === undefined) throw new Error('leaves are missing');
    const y = x.matmul(w).tanh();
    return {
      outputs: { y, sum: y.exp().sum(0), top: y.softmax().max(1), turned: y.transpose().slice([null, null, -1]).gt(0), count: n.add(1) },
      updates: new Map([[w, w.sub(y.square().mean().mul(w))], [n, n.add(1)]]),
    };
  },
};

describe('the compiled path', () => {
  it('is watched: the interpreter as a backend is seen', async () => {
    await execute(subject, interpreter());
    expect(calls.count).toBe(2);
  });

  it('never interprets a step', async () => {
    await execute(subject, await cpu());
    expect(calls.count).toBe(0);
  });

  it('never interprets random graphs', async () => {
    const backend = await cpu();
    for (let k = 0; k < 40; k++) {
      await execute(subjectOf(randomComputation({ float: k % 2 === 0 ? 'float32' : 'float64', draws: drawsOf(k), size: 30 }).graph), backend);
    }
    expect(calls.count).toBe(0);
  });

  it('never interprets an optimizer', async () => {
    const { x, loss, updates } = adaptiveStep();
    const { compile } = await import('@pappus/core');
    const train = await compile({ inputs: { x }, outputs: { loss }, updates }, await cpu());
    for (let k = 0; k < 3; k++) await (await train({ x: new Float32Array(10).fill(k) })).loss.item();
    expect(calls.count).toBe(0);
  });
});

describe('the sources of the compiler and of this backend', () => {
  const sources = ['../src/', '../../compiler/src/'].flatMap((directory) => {
    const root = new URL(directory, import.meta.url);
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => ({ name: directory + name, text: readFileSync(new URL(name, root), 'utf8') }));
  });

  it('are read', () => {
    expect(sources.length).toBeGreaterThan(30);
  });

  it('import neither the interpreter nor evaluate, but for what compares with it', () => {
    const importing = sources.filter(({ name, text }) => !name.endsWith('compiler/src/check/find-difference.ts') && [...text.matchAll(/import\s+(?:type\s+)?\{([^}]*)\}/g)].some(([, names = '']) => /\b(interpreter|interpret|evaluate)\b/.test(names)));
    expect(importing.map(({ name }) => name)).toEqual([]);
    expect(sources.filter(({ text }) => /import\s+\*\s+as\s+\w+\s+from\s+'@pappus\/core|from\s+'[^']*interpreter/.test(text)).map(({ name }) => name)).toEqual([]);
  });
});
