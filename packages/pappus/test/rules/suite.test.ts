// Every rule through the suite that every rule passes, on every backend.
import { type RuleBackend, ruleSuite, testedRules } from '@pappus/testing/rules';
import { THOROUGH } from '@pappus/testing/thorough';
import { adapterOrComplaint } from '@pappus/testing/webgpu';
import { describe } from 'vitest';
import * as pappus from '../../src/index.js';
import { webgpu } from '../../src/webgpu.js';

const floats = ['float32', 'float64'] as const;
const onHost = { 'the interpreter': { make: pappus.interpreter, dtypes: floats }, 'the CPU': { make: pappus.cpu, dtypes: floats } };

for (const { name, rule, courses } of testedRules(pappus)) ruleSuite(name, rule, onHost, courses);

describe.runIf(adapterOrComplaint('rules on WebGPU'))('with WebGPU', () => {
  let made: ReturnType<typeof webgpu> | undefined;
  const problems = THOROUGH ? {} : { problems: ['quadratic'] as const };
  const onGpu: Readonly<Record<string, RuleBackend>> = { 'the GPU': { make: () => (made ??= webgpu()), dtypes: ['float32'], ...problems } };

  for (const { name, rule, courses } of testedRules(pappus)) ruleSuite(name, rule, onGpu, courses);
});
