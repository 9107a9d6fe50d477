// The script of a page that runs the conformance suite, and the suite of every rule, on the backend that its address names, and of it the sections.
import { conformance, isSection } from '@pappus/testing/conformance';
import { ruleSuites } from '@pappus/test-support/rules';
import * as pappus from 'pappus';
import { webgpu } from 'pappus/webgpu';
import { type Outcome, runTests } from './vitest-in-page.js';

export interface ConformanceReport extends Outcome {
  /** What computes. */
  readonly device: string;
}

async function report(): Promise<ConformanceReport> {
  const parameters = new URL(location.href).searchParams;
  const thorough = parameters.get('thorough') === 'true';
  // The same kernels run in Node with more cases; pages show that they run in a browser.
  const cases = thorough ? 'all' : 'few';
  const tests = thorough ? {} : { tests: ['compilesOnce'] as const };
  const names = (parameters.get('sections') ?? '').split(',');
  const sections = names.filter(isSection);
  const rules = names.includes('rules');
  if (parameters.get('backend') === 'webgpu') {
    const backend = await webgpu();
    if (sections.length > 0) conformance('webgpu', webgpu, { dtypes: ['float32', 'int32', 'bool'], tolerance: { float32: 7e-7, float64: 0 }, subnormals: false, cases, program: { from: 'pappus/webgpu', name: 'webgpu' } }, sections);
    if (rules) ruleSuites(pappus, { webgpu: { make: () => backend, dtypes: ['float32'], problems: ['quadratic'], ...tests } });
    return { device: backend.info.adapter, ...(await runTests()) };
  }
  if (sections.length > 0) conformance('cpu', pappus.cpu, { dtypes: ['float32', 'float64', 'int32', 'bool'], tolerance: { float32: 4e-7, float64: 1.2e-15 }, cases }, sections);
  const backend = await pappus.cpu();
  if (rules) ruleSuites(pappus, { cpu: { make: () => backend, dtypes: ['float32', 'float64'], ...tests } });
  return { device: 'WebAssembly', ...(await runTests()) };
}

Object.assign(globalThis, { report: report() });
