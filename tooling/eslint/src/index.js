// The linter's configuration for the whole workspace; the root's eslint.config.js hands it the root directory.
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { plugin } from './rules.js';

const forbiddenSyntax = [
  {
    selector: 'TSAsExpression > TSAsExpression.expression > TSUnknownKeyword',
    message: 'A cast through unknown silences the type checker: give the value its type where it is made.',
  },
  { selector: 'TSEnumDeclaration', message: 'No enums: use a union of string literals.' },
];
const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };

/** @param {string} root the workspace's directory, which holds tsconfig.json */
export const pappusConfig = (root) =>
  defineConfig(
    { ignores: ['**/dist/**', '**/node_modules/**', '**/.turbo/**', '**/.temp/**', 'coverage/**', 'out/**'] },
    {
      linterOptions: { reportUnusedDisableDirectives: 'error' },
      plugins: { pappus: plugin },
      rules: { 'pappus/kebab-case-file': 'error', 'pappus/package-boundaries': 'error' },
    },
    {
      files: ['**/*.ts'],
      extends: [tseslint.configs.strictTypeChecked],
      languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: root } },
      rules: {
        eqeqeq: 'error',
        'no-restricted-syntax': ['error', ...forbiddenSyntax, noDefaultExport],
        '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
        '@typescript-eslint/switch-exhaustiveness-check': [
          'error',
          { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
        ],
        '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
        // Noise in numeric code: numbers in templates, indexed loops, arrows that return a void call.
        '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
        '@typescript-eslint/no-confusing-void-expression': 'off',
        '@typescript-eslint/prefer-for-of': 'off',
        '@typescript-eslint/unified-signatures': 'off',
        // Generic defaults of records without keys come out as {}.
        '@typescript-eslint/no-generated-empty-object-type': 'off',
      },
    },
    {
      files: ['packages/*/src/**/*.ts', 'tooling/*/src/**/*.ts'],
      rules: { 'max-lines': ['error', { max: 450, skipBlankLines: true, skipComments: true }] },
    },
    {
      // What people install also runs in browsers: the types of Node are in sight, its globals are not there.
      files: ['packages/*/src/**/*.ts'],
      ignores: ['packages/examples/**'],
      rules: {
        'no-restricted-globals': ['error', 'process', 'Buffer', 'require', 'global', '__dirname', '__filename'],
        '@typescript-eslint/no-unsafe-type-assertion': 'error',
        'pappus/docstrings': ['error', { root }],
      },
    },
    {
      // What @pappus/testing has are tests, which ask where they are before they name something of Node.
      files: ['packages/testing/src/**/*.ts'],
      rules: { 'no-restricted-globals': 'off', '@typescript-eslint/no-unsafe-type-assertion': 'off' },
    },
    {
      // What the compiler hands to a backend is whole, or an error says what it lacks.
      files: ['packages/compiler/src/**/*.ts', 'packages/backend-*/src/**/*.ts'],
      // The checker is given programs that lack something.
      ignores: ['packages/compiler/src/check/**'],
      rules: { 'pappus/plausible-numbers': 'error' },
    },
    {
      // Expectations hand methods around; an async method may have nothing to wait for in one implementation of its interface.
      files: ['**/test/**/*.ts', 'tooling/**/*.ts', 'packages/testing/src/**/*.ts'],
      rules: { '@typescript-eslint/unbound-method': 'off', '@typescript-eslint/require-await': 'off' },
    },
    {
      files: ['**/*.config.ts', '**/*.config.js'],
      rules: { 'no-restricted-syntax': ['error', ...forbiddenSyntax] },
    },
  );
