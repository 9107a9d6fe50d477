import { defineConfig, mergeConfig, type TestProjectConfiguration } from 'vitest/config';

/** Tests run on the sources of the workspace; what is published is tested from tarballs in tooling/release. */
const conditions = ['pappus-source', 'module', 'node', 'import', 'default'];

/** Tests of documents import them, so that a run of what changed has the tests of a document that changed. */
const documents = {
  name: 'documents',
  transform: (text: string, id: string) => (id.endsWith('.md') ? `export default ${JSON.stringify(text)};` : undefined),
};

export const INCLUDE = ['packages/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'];

/** What all runs have in common. */
export const base = defineConfig({
  plugins: [documents],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { maxWorkers: '100%', testTimeout: 120_000, hookTimeout: 300_000 },
});

/**
 * Files with modules of their own: those that replace a module, look at what the engine collects, or have a browser. The others share what they load,
 * since loading the packages anew for each takes longer than most tests; those that have a device share it among themselves.
 */
const ALONE = [
  'packages/backend-cpu/test/{no-interpreter,dropped,evictions,memory}.test.ts',
  'packages/backend-cpu/test/debug/**/*.test.ts',
  'packages/backend-webgpu/test/{memory,old-core}.test.ts',
  'packages/backend-webgpu/test/device/**/*.test.ts',
  'packages/examples/test/**/*.test.ts',
  'packages/pappus/test/windows/*.test.ts',
  'tooling/{bench,browser,eslint,release,site}/test/**/*.test.ts',
];
const GPU = ['packages/backend-webgpu/test/**/*.test.ts', 'packages/*/test/**/*webgpu*.test.ts'];
const NO_TEST = ['**/node_modules/**'];

/** Second and third looks at what other files look at, and long: every day's run leaves them to the soak. docs/testing.md says why nothing is lost. */
const OF_THE_SOAK = [
  'packages/backend-cpu/test/{conformance/deep,debug/random-graphs}.test.ts',
  'packages/backend-webgpu/test/{kernels,sums,print-program,conformance/deep,debug/conformance}.test.ts',
  'packages/compiler/test/plain.test.ts',
  'packages/pappus/test/{rules/recorded-webgpu,schedules/webgpu,wrappers/float64-webgpu}.test.ts',
  'packages/testing/test/graphs/print.test.ts',
  'tooling/release/test/versions/policy.test.ts',
];

/** @param left what is not run */
export const projectsWithout = (left: readonly string[]): TestProjectConfiguration[] => [
  { extends: true, test: { name: 'together', include: INCLUDE, isolate: false, exclude: [...NO_TEST, ...ALONE, ...GPU, ...left] } },
  { extends: true, test: { name: 'gpu', include: GPU, isolate: false, exclude: [...NO_TEST, ...ALONE, ...left] } },
  { extends: true, test: { name: 'alone', include: ALONE, exclude: [...NO_TEST, ...left] } },
];

export default mergeConfig(base, defineConfig({ test: { projects: projectsWithout(OF_THE_SOAK) } }));
