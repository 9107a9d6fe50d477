// Kernel by kernel beside the plain backend.
import { secondOpinion } from '@pappus/testing/plain';
import { cpu } from '../src/index.js';

secondOpinion('cpu', cpu, { dtypes: ['float32', 'float64', 'int32', 'bool'], graphs: 100 });
