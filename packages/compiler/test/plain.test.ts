// The plain backend does what any backend must: what kernel.ts says of kernels is enough to run them, in whatever order loops run.
import { conformance, type ConformanceOptions } from '@pappus/testing/conformance';
import { plain } from '@pappus/testing/plain';

/** The tolerance of the CPU backend: what the suite allows computations of many operations are multiples of it. */
const options: ConformanceOptions = { dtypes: ['float32', 'float64', 'int32', 'bool'], tolerance: { float32: 4e-7, float64: 1.2e-15 }, depth: 100, program: { from: '@pappus/testing/plain', name: 'plain' } };

conformance('plain', plain, options);
conformance('plain, one operation in a kernel', () => plain({ fuse: false }), { ...options, cases: 'few', program: { from: '@pappus/testing/plain', name: 'plain', args: '{ fuse: false }' } });
conformance('plain, backwards', () => plain({ backwards: true }), { ...options, cases: 'few', program: { from: '@pappus/testing/plain', name: 'plain', args: '{ backwards: true }' } }, ['movement', 'updates', 'recurrent', 'networks', 'fuzz']);
