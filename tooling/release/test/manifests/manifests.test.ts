// Manifests say what follows from their exports and from the repository's address, which stands in one place.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { checkedAddress, publicPackages, repositoryAddress, workspaceRoot } from '@pappus/workspace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../src/consumer.js';
import { derivedFields } from '../../src/manifests/derived-fields.js';
import { withFields } from '../../src/manifests/manifest-text.js';
import { linkedFiles, withLinks } from '../../src/manifests/readme-links.js';
import { requireAddress } from '../../src/manifests/require-address.js';
import { staleFiles, writeManifests } from '../../src/manifests/write-manifests.js';

const ADDRESS = 'https://example.org/somebody/pappus';

describe('the manifests and READMEs of this workspace', () => {
  it('are what `npx pnpm@12 run manifests` writes', () => {
    expect(staleFiles(workspaceRoot, repositoryAddress(workspaceRoot)).map(({ file }) => file)).toEqual([]);
  });

  it('name no address as long as the root has none', () => {
    const address = repositoryAddress(workspaceRoot);
    for (const { manifest } of publicPackages) expect('repository' in manifest, manifest.name).toBe(address !== '');
  });
});

describe('an address that is filled in', () => {
  let root: string;

  beforeAll(async () => {
    root = await temporaryDirectory();
    writeFileSync(path.join(root, 'package.json'), JSON.stringify({ private: true, repository: ADDRESS }));
    for (const { directory } of publicPackages) {
      const copy = path.join(root, path.relative(workspaceRoot, directory));
      mkdirSync(copy, { recursive: true });
      for (const name of ['package.json', 'README.md']) cpSync(path.join(directory, name), path.join(copy, name));
    }
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  const manifestOf = (directory: string): unknown => JSON.parse(readFileSync(path.join(root, directory, 'package.json'), 'utf8'));

  it('is written into every manifest, with the directory of each, and into no other field', () => {
    const written = writeManifests(root, requireAddress(root));
    expect(written.filter((file) => file.endsWith('package.json'))).toHaveLength(publicPackages.length);
    for (const { directory, manifest } of publicPackages) {
      const place = path.relative(workspaceRoot, directory);
      expect(manifestOf(place)).toEqual({
        ...manifest,
        homepage: `${ADDRESS}/tree/main/${place}#readme`,
        bugs: { url: `${ADDRESS}/issues` },
        repository: { type: 'git', url: `git+${ADDRESS}.git`, directory: place },
      });
    }
  });

  it('is written once', () => {
    writeManifests(root, ADDRESS);
    expect(writeManifests(root, ADDRESS)).toEqual([]);
  });

  it('leaves no link that npm could not follow, and is taken out again', () => {
    writeManifests(root, ADDRESS);
    for (const { directory } of publicPackages) {
      const readme = readFileSync(path.join(root, path.relative(workspaceRoot, directory), 'README.md'), 'utf8');
      expect(readme.match(/\]\((?!https:|#)[^)]*\)/g) ?? [], directory).toEqual([]);
    }
    writeManifests(root, repositoryAddress(workspaceRoot));
    for (const { directory } of publicPackages) {
      const place = path.relative(workspaceRoot, directory);
      expect(manifestOf(place)).toEqual(JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')));
      expect(readFileSync(path.join(root, place, 'README.md'), 'utf8')).toBe(readFileSync(path.join(directory, 'README.md'), 'utf8'));
    }
  });
});

describe('the address', () => {
  it.each(['https://example.org/somebody/pappus/', 'https://example.org/somebody/pappus.git', 'git@example.org:somebody/pappus', 'example.org/pappus', undefined])('may not be %s', (address) => {
    expect(() => checkedAddress(address)).toThrow(/"repository" of the root's package\.json is .*https:\/\/HOST\/OWNER\/NAME/);
  });

  it('is asked for before a release, with what to fill in where', async () => {
    const root = await temporaryDirectory();
    writeFileSync(path.join(root, 'package.json'), JSON.stringify({ repository: '' }));
    expect(() => requireAddress(root)).toThrow(/fill in "repository" of the package\.json at the root .* run `npx pnpm@12 run manifests`/);
    await rm(root, { recursive: true });
  });
});

describe('withFields', () => {
  const text = '{\n  "name": "a",\n  "files": ["dist"],\n  "exports": {\n    ".": "./a.js"\n  },\n  "bugs": { "url": "old" }\n}\n';

  it('leaves other fields as they were written', () => {
    expect(withFields(text, { bugs: { url: 'new' } })).toBe(text.replace('{ "url": "old" }', '{\n    "url": "new"\n  }'));
    expect(withFields(text, { bugs: undefined })).toBe('{\n  "name": "a",\n  "files": ["dist"],\n  "exports": {\n    ".": "./a.js"\n  }\n}\n');
  });

  it('answers the text as it is where nothing changes', () => {
    expect(withFields(text, { bugs: { url: 'old' } })).toBe(text);
  });

  it('publishes what is exported without the condition of the workspace', () => {
    const exports = { '.': { 'pappus-source': './src/a.ts', types: './dist/a.d.ts', default: './dist/a.js' }, './package.json': './package.json' };
    expect(derivedFields({ name: 'a', version: '1.0.0', exports }, 'packages/a', '')).toEqual({
      publishConfig: { access: 'public', exports: { '.': { types: './dist/a.d.ts', default: './dist/a.js' }, './package.json': './package.json' } },
    });
  });
});

describe('withLinks', () => {
  it('writes links to the repository in either form', () => {
    const relative = 'The [guide](../../docs/guide.md#masks) and [npm](https://npmjs.com/package/pappus).';
    const absolute = `The [guide](${ADDRESS}/blob/main/docs/guide.md#masks) and [npm](https://npmjs.com/package/pappus).`;
    expect(withLinks(relative, ADDRESS)).toBe(absolute);
    expect(withLinks(absolute, '')).toBe(relative);
    expect(withLinks(absolute, 'https://example.org/other')).toBe(absolute.replace(ADDRESS, 'https://example.org/other'));
    expect(linkedFiles(relative)).toEqual(['docs/guide.md#masks']);
  });
});
