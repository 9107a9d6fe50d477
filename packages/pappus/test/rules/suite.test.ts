// Every rule through the suite that every rule passes, on the interpreter and on the CPU.
import { ruleSuites } from '@pappus/test-support/rules';
import { CASES, THOROUGH } from '@pappus/testing/thorough';
import * as pappus from '../../src/index.js';

const quadratic = { problems: ['quadratic'] as const };
const onHost = {
  // Thousands of steps on the interpreter are for the soak, and so are float32, which it computes in float64, and half of the tests of each rule, in turn; on the
  // CPU they are the same numbers but for roundings.
  'the interpreter': { make: pappus.interpreter, dtypes: THOROUGH ? (['float32', 'float64'] as const) : (['float64'] as const), cases: CASES, ...(THOROUGH ? {} : { ...quadratic, large: 4_009 }) },
  'the CPU': { make: pappus.cpu, dtypes: ['float32'] as const, countsKernels: true, ...(CASES === 'few' ? quadratic : {}) },
};

ruleSuites(pappus, onHost);
// In float64 a rule is the same code on vectors of two; recordings of each run in it, too.
ruleSuites(pappus, { 'the CPU': { ...onHost['the CPU'], dtypes: ['float64'] } }, THOROUGH ? 1 : 6);
