// Random graphs of the wide kind; `pnpm run test:soak` runs many more of them.
import { soak } from '@pappus/testing/conformance';
import { cpu } from '../src/index.js';
import { options } from './conformance/options.js';

soak('cpu', cpu, options, Number(process.env['SOAK_GRAPHS_CPU'] ?? 40), Number(process.env['SOAK_SEED'] ?? 20261126));
