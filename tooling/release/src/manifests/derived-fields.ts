// The fields of a public manifest that follow from something else: from its `exports`, and from the repository's address.
import type { Exports, Manifest } from '@pappus/workspace';

/** The condition by which the workspace runs on sources, which are not published. */
export const SOURCE_CONDITION = 'pappus-source';

/** What is exported by what is published: all but the condition of the workspace. */
export function publishedExports(exports: Exports): Exports {
  const withoutSource = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(files).filter(([condition]) => condition !== SOURCE_CONDITION));
  return Object.fromEntries(Object.entries(exports).map(([subpath, target]) => [subpath, typeof target === 'string' ? target : withoutSource(target)]));
}

/** What pnpm puts in the place of the manifest's own fields when it packs, and how npm is to publish it. Provenance is asked for by the workflow, which alone can have it. */
export const publishConfig = (manifest: Manifest): Readonly<Record<string, unknown>> => ({
  access: 'public',
  exports: publishedExports(manifest.exports ?? {}),
});

/** Every field of a public manifest that is derived. A field is `undefined` as long as nobody has filled in the address. */
export function derivedFields(manifest: Manifest, directory: string, address: string): Readonly<Record<string, unknown>> {
  const isKnown = address !== '';
  return {
    homepage: isKnown ? `${address}/tree/main/${directory}#readme` : undefined,
    bugs: isKnown ? { url: `${address}/issues` } : undefined,
    repository: isKnown ? { type: 'git', url: `git+${address}.git`, directory } : undefined,
    publishConfig: publishConfig(manifest),
  };
}
