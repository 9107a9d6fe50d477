// The whole suite in a debug build: no kernel reads or writes outside of its tensors, and nothing that is read there shows in a result.
import { ALL_SECTIONS, conformance } from '@pappus/testing/conformance';
import { THOROUGH } from '@pappus/testing/thorough';
import { cpu } from '../../src/index.js';
import { options } from '../conformance/options.js';

/**
 * Random graphs are many; fewer of them have a file of their own. Deep computations access nothing in other ways than short ones, nor do
 * compositions, and factorizations are the routines that `routines`, `linearAlgebra` and `order` have every kind of.
 */
const left: readonly string[] = THOROUGH ? ['fuzz'] : ['fuzz', 'deep', 'elementary', 'transforms', 'linearSolve', 'factorizations'];
const sections = ALL_SECTIONS.filter((name) => !left.includes(name));

conformance('a debug build of cpu', () => cpu({ debug: true }), THOROUGH ? options : { ...options, cases: 'few' }, sections);
