import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.js';

/** What answers in a minute: no pages, no software GPU, no packed packages, nothing that is long by its nature, one or two cases a test. `pnpm test` runs them. */
const LONG = [
  'tooling/browser/**',
  'tooling/release/**',
  'packages/backend-webgpu/**',
  'packages/*/test/**/*webgpu*.test.ts',
  'packages/*/test/**/{deep,dropped,wide,fuzz,evictions,accuracy,decimal,sums,train}.test.ts',
  'packages/backend-cpu/test/debug/**',
];

export default mergeConfig(config, defineConfig({ test: { exclude: [...configDefaults.exclude, ...LONG], env: { PAPPUS_CASES: 'few', PAPPUS_WEBGPU: 'off' } } }));
