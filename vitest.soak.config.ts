import { defineConfig, mergeConfig } from 'vitest/config';
import { base, projectsWithout } from './vitest.config.js';

/** How many random graphs; an environment variable of the same name says otherwise. */
function graphs(name: string, count: number): Record<string, string> {
  return { [name]: process.env[name] ?? String(count) };
}

/** All tests, with all of their cases. */
export default mergeConfig(
  base,
  defineConfig({
    test: { projects: projectsWithout([]), env: { PAPPUS_CASES: 'all', ...graphs('SOAK_GRAPHS_CPU', 10_000), ...graphs('SOAK_GRAPHS_WEBGPU', 1000), ...graphs('SOAK_SEED', 20261126) } },
  }),
);
