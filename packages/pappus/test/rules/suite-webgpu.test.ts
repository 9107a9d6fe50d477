// Rules through the suite that every rule passes, on WebGPU: every twelfth of them, since recordings of others run there too; the soak has all.
import { ruleSuites } from '@pappus/test-support/rules';
import type { RuleBackend } from '@pappus/testing/rules';
import { CASES, THOROUGH } from '@pappus/testing/thorough';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe } from 'vitest';
import * as pappus from '../../src/index.js';
import { webgpu } from '../../src/webgpu.js';

describe.runIf(adapterOrComplaint('rules on WebGPU'))('with WebGPU', () => {
  let made: ReturnType<typeof webgpu> | undefined;
  // Hundreds of steps are for the soak: other tests compare a few with the interpreter's, and recordings show twenty.
  const problems = THOROUGH ? { problems: ['quadratic'] as const } : { problems: [] };
  const onGpu: Readonly<Record<string, RuleBackend>> = { 'the GPU': { make: () => (made ??= webgpu()), dtypes: ['float32'], cases: CASES, ...problems } };

  ruleSuites(pappus, onGpu, THOROUGH ? 1 : 12);
});
