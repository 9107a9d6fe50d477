// The script of a page that runs the conformance suite on the backend, and of it the sections, that its address names.
import { conformance, type Section, SECTIONS } from '@pappus/testing/conformance';
import { cpu } from 'pappus';
import { webgpu } from 'pappus/webgpu';
import { type Outcome, runTests } from './vitest-in-page.js';

export interface ConformanceReport extends Outcome {
  /** What computes. */
  readonly device: string;
}

function isSection(name: string): name is Section {
  return name in SECTIONS;
}

async function report(): Promise<ConformanceReport> {
  const parameters = new URL(location.href).searchParams;
  const sections = (parameters.get('sections') ?? '').split(',').filter(isSection);
  if (parameters.get('backend') === 'webgpu') {
    const backend = await webgpu();
    conformance('webgpu', webgpu, { dtypes: ['float32', 'int32', 'bool'], tolerance: { float32: 7e-7, float64: 0 }, subnormals: false }, sections);
    return { device: backend.info.adapter, ...(await runTests()) };
  }
  conformance('cpu', cpu, { dtypes: ['float32', 'float64', 'int32', 'bool'], tolerance: { float32: 4e-7, float64: 1.2e-15 } }, sections);
  return { device: 'WebAssembly', ...(await runTests()) };
}

Object.assign(globalThis, { report: report() });
