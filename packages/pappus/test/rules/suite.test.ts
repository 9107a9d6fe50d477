// Every rule through the suite that every rule passes, on the interpreter and on the CPU.
import { ruleSuites } from '@pappus/testing/rules';
import { CASES } from '@pappus/testing/thorough';
import * as pappus from '../../src/index.js';

const floats = ['float32', 'float64'] as const;
const problems = CASES === 'few' ? { problems: ['quadratic'] as const } : {};
const onHost = { 'the interpreter': { make: pappus.interpreter, dtypes: floats, ...problems }, 'the CPU': { make: pappus.cpu, dtypes: floats, countsKernels: true, ...problems } };

ruleSuites(pappus, onHost);
