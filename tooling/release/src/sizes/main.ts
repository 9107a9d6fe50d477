// The command `sizes`: weighs every bundle, and writes docs/sizes.md.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';
import { BUNDLES } from './bundles.js';
import { PAGE, rowOf, sizesPage } from './page.js';
import { weigh } from './weigh.js';

const weighed = [];
for (const bundle of BUNDLES) {
  const weight = await weigh(bundle);
  weighed.push({ bundle, weight });
  console.log(rowOf({ bundle, weight }));
}
await writeFile(path.join(workspaceRoot, PAGE), sizesPage(weighed, new Date().toISOString().slice(0, 10)));
