// Every rule through the suite that every rule passes, on the interpreter and on the CPU.
import { ruleSuites } from '@pappus/testing/rules';
import * as pappus from '../../src/index.js';

const floats = ['float32', 'float64'] as const;
const onHost = { 'the interpreter': { make: pappus.interpreter, dtypes: floats }, 'the CPU': { make: pappus.cpu, dtypes: floats } };

ruleSuites(pappus, onHost);
