// Each backend runs every section of the conformance suite in Node: its test files name them all.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ALL_SECTIONS } from '../src/conformance.js';

it.each(['backend-cpu', 'backend-webgpu'])('packages/%s/test/conformance runs every section', (backend) => {
  const directory = new URL(`../../${backend}/test/conformance/`, import.meta.url);
  const tests = readdirSync(directory).filter((name) => name.endsWith('.test.ts'));
  const named = tests.flatMap((name) => [...readFileSync(new URL(name, directory), 'utf8').matchAll(/'(\w+)'/g)].map(([, section]) => section));
  expect(ALL_SECTIONS.filter((section) => !named.includes(section))).toEqual([]);
});
