import { defineConfig } from 'vitest/config';

/** Tests run on the sources of the workspace; what is published is tested from tarballs in tooling/release. */
const conditions = ['pappus-source', 'module', 'node', 'import', 'default'];

/** Tests of documents import them, so that a run of what changed has the tests of a document that changed. */
const documents = {
  name: 'documents',
  transform: (text: string, id: string) => (id.endsWith('.md') ? `export default ${JSON.stringify(text)};` : undefined),
};

export default defineConfig({
  plugins: [documents],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'],
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
