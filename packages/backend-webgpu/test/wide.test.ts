// Random graphs of the wide kind; `pnpm run test:soak` runs many more of them.
import { soak } from '@pappus/testing/conformance';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe } from 'vitest';
import { webgpu } from '../src/index.js';
import { options } from './conformance/on-webgpu.js';

describe.runIf(adapterOrComplaint('random graphs on webgpu'))('in Node', () => soak('webgpu', webgpu, options, Number(process.env['SOAK_GRAPHS_WEBGPU'] ?? 6), Number(process.env['SOAK_SEED'] ?? 20261126)));
