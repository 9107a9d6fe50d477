// The plain backend does what any backend must: what kernel.ts says of kernels is enough to run them, in whatever order loops run.
import { ALL_SECTIONS, conformance, type ConformanceOptions, type Section } from '@pappus/testing/conformance';
import { plain } from '@pappus/testing/plain';
import { THOROUGH } from '@pappus/testing/thorough';

/** The tolerance of the CPU backend: what the suite allows computations of many operations are multiples of it. */
const options: ConformanceOptions = { dtypes: ['float32', 'float64', 'int32', 'bool'], tolerance: { float32: 4e-7, float64: 1.2e-15 }, depth: 100, program: { from: '@pappus/testing/plain', name: 'plain' } };

/** The soak runs all cases of these, too. */
const few: Pick<ConformanceOptions, 'cases'> = THOROUGH ? {} : { cases: 'few' };

/**
 * Routines are run by what the interpreter runs them by: the section `routines` shows that they are, linear algebra is more of the same, and so is what is
 * composed of other operations. Functions and single numbers are JavaScript's.
 */
const OF_THE_SOAK: readonly Section[] = ['linearSolve', 'factorizations', 'elementary', 'random', 'transforms', 'edgeCases', 'networks', 'order', 'gradients', 'float32', 'hostScalars'];

conformance('plain', plain, { ...options, ...few }, THOROUGH ? ALL_SECTIONS : ALL_SECTIONS.filter((name) => !OF_THE_SOAK.includes(name)));

// One operation in a kernel, and loops that run backwards, are the same code over other programs: the soak runs them.
if (THOROUGH) {
  conformance('plain, one operation in a kernel', () => plain({ fuse: false }), { ...options, program: { from: '@pappus/testing/plain', name: 'plain', args: '{ fuse: false }' } }, ALL_SECTIONS);
  conformance('plain, backwards', () => plain({ backwards: true }), { ...options, program: { from: '@pappus/testing/plain', name: 'plain', args: '{ backwards: true }' } }, ['movement', 'updates', 'recurrent', 'fuzz', 'networks']);
} else {
  conformance('plain, backwards', () => plain({ backwards: true }), { ...options, ...few, program: { from: '@pappus/testing/plain', name: 'plain', args: '{ backwards: true }' } }, ['updates']);
}
