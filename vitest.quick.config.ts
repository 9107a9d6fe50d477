import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import { base, INCLUDE } from './vitest.config.js';

/** What answers in a minute: no pages, no software GPU, no packed packages, nothing that is long by its nature, one or two cases a test. `pnpm test` runs them. */
const LONG = [
  'tooling/browser/**',
  'tooling/release/**',
  'tooling/site/test/code.test.ts',
  'packages/backend-webgpu/**',
  'packages/*/test/**/*webgpu*.test.ts',
  'packages/*/test/**/{deep,dropped,wide,fuzz,evictions,accuracy,decimal,sums,train}.test.ts',
  'packages/backend-cpu/test/debug/**',
];

/** What needs modules of its own: here test files share them, since loading the packages anew for each takes longer than most tests. */
const ALONE = ['packages/backend-cpu/test/no-interpreter.test.ts'];

export default mergeConfig(
  base,
  defineConfig({ test: { include: INCLUDE, isolate: false, exclude: [...configDefaults.exclude, ...LONG, ...ALONE], env: { PAPPUS_CASES: 'few', PAPPUS_WEBGPU: 'off' } } }),
);
