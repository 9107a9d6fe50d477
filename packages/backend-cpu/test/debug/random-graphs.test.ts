import { someRandomGraphs } from '@pappus/testing/conformance';
import { cpu } from '../../src/index.js';

someRandomGraphs('a debug build of cpu', () => cpu({ debug: true }), ['float32', 'float64'], 40);
