// What the conformance suite takes of vitest, for a page: tests are collected as they are declared, and run one after the other.
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const { expect } = chai;

interface Test {
  readonly name: string;
  readonly body: () => unknown;
}

const path: string[] = [];
const tests: Test[] = [];

export function describe(name: string, declare: () => void): void {
  path.push(name);
  declare();
  path.pop();
}

export function it(name: string, body: () => unknown): void {
  tests.push({ name: [...path, name].join(' > '), body });
}

/** A test for each of a list, whose title has the place of the value. */
it.each =
  <T>(values: readonly T[]) =>
  (name: string, body: (value: T) => unknown): void => {
    for (const value of values) it(name.replace(/%[is]/, String(value)), () => body(value));
  };

export interface Outcome {
  readonly passed: number;
  readonly failures: readonly string[];
}

export async function runTests(): Promise<Outcome> {
  const failures: string[] = [];
  for (const { name, body } of tests) {
    try {
      await body();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { passed: tests.length - failures.length, failures };
}
