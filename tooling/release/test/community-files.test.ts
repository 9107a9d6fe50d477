// What GitHub reads: workflows that run scripts that there are, forms that it accepts, and no address that nobody has filled in.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const textOf = (file: string): string => readFileSync(path.join(workspaceRoot, file), 'utf8');
const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
const workflows = readdirSync(path.join(workspaceRoot, '.github', 'workflows')).map((name) => `.github/workflows/${name}`);
const forms = ['bug', 'feature'].map((name) => `.github/ISSUE_TEMPLATE/${name}.yml`);

describe.each(workflows)('%s', (file) => {
  it('runs scripts that there are', () => {
    const named = [...textOf(file).matchAll(/pnpm@12 run ([\w:-]+)|run: (\.ci\/\w+)/g)].map(([, script, command]) => script ?? command ?? '');
    expect(named).not.toEqual([]);
    expect(named.filter((name) => !(name in scripts) && !existsSync(path.join(workspaceRoot, name)))).toEqual([]);
  });

  it('says of what it may write, and writes nothing else', () => {
    const workflow: unknown = parse(textOf(file));
    expect(workflow).toHaveProperty('permissions', file.endsWith('ci.yml') ? { contents: 'read' } : {});
  });
});

describe('the release', () => {
  it('publishes with provenance, which asks GitHub for a token', () => {
    expect(parse(textOf('.github/workflows/release.yml'))).toHaveProperty('jobs.release.permissions.id-token', 'write');
    expect(textOf('.github/workflows/release.yml')).toMatch(/NPM_CONFIG_PROVENANCE: true/);
  });

  it('refuses first of all where the repository has no address', () => {
    expect(scripts['release']).toMatch(/^pnpm run manifests --ready && /);
  });
});

describe.each(forms)('%s', (file) => {
  it('has what GitHub asks of a form', () => {
    const form = parse(textOf(file)) as { readonly name: string; readonly description: string; readonly body: readonly { type: string; id: string; attributes: { label: string } }[] };
    expect(form.name.length * form.description.length).toBeGreaterThan(0);
    expect(form.body.map(({ type }) => type).filter((type) => !['textarea', 'dropdown', 'input', 'checkboxes', 'markdown'].includes(type))).toEqual([]);
    expect(new Set(form.body.map(({ id }) => id)).size).toBe(form.body.length);
    expect(form.body.filter(({ attributes }) => attributes.label === '')).toEqual([]);
  });
});

describe.each(['SECURITY.md', 'CODE_OF_CONDUCT.md', '.github/PULL_REQUEST_TEMPLATE.md', ...workflows, ...forms])('%s', (file) => {
  it('names no mail address, and no repository', () => {
    expect(textOf(file)).not.toMatch(/[\w.]+@[a-z][\w-]*\.[a-z]{2,}|github\.com\//i);
  });
});
