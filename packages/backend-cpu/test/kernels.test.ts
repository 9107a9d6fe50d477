// Kernel by kernel beside the plain backend.
import { secondOpinion } from '@pappus/testing/plain';
import { THOROUGH } from '@pappus/testing/thorough';
import { cpu } from '../src/index.js';

secondOpinion('cpu', cpu, { dtypes: ['float32', 'float64', 'int32', 'bool'], graphs: THOROUGH ? 100 : 20 });
