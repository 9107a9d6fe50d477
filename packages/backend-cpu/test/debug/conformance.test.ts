// The whole suite in a debug build: no kernel reads or writes outside of its tensors, and nothing that is read there shows in a result.
import { ALL_SECTIONS, conformance, type Section } from '@pappus/testing/conformance';
import { THOROUGH } from '@pappus/testing/thorough';
import { cpu } from '../../src/index.js';
import { options } from '../conformance/options.js';

/**
 * Random graphs are many; fewer of them have a file of their own. Every day's run has the sections in which kernels access memory in ways of their
 * own; in the others they do as in those.
 */
const WAYS_OF_ACCESS: readonly Section[] = ['edges', 'padding', 'movement', 'indexing', 'scatters', 'reductions', 'cumulative', 'windows', 'products', 'recurrent', 'routines', 'updates'];
const sections = THOROUGH ? ALL_SECTIONS.filter((name) => name !== 'fuzz') : WAYS_OF_ACCESS;

conformance('a debug build of cpu', () => cpu({ debug: true }), THOROUGH ? options : { ...options, cases: 'few' }, sections);
