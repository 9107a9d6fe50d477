import { someRandomGraphs } from '@pappus/testing/conformance';
import { cpu } from '../../src/index.js';
import { options } from '../conformance/options.js';

someRandomGraphs('a debug build of cpu', () => cpu({ debug: true }), { ...options, program: { args: '{ debug: true }' } }, 40);
