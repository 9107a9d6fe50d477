import { conformance } from '@pappus/testing/conformance';
import { cpu } from '../../src/index.js';
import { options } from './options.js';

conformance('cpu', cpu, options, ['padding', 'shapes']);
