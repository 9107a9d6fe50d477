/** Draws the paths of all update rules over some surfaces into docs/gallery: `pnpm run gallery`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { backends } from '../backends.js';
import { surfaceSvg } from './draw.js';
import { descend } from './path.js';
import { rules, ruleNames, type RuleName } from './rules.js';
import { surfaces, type Point } from './surfaces.js';

const folder = fileURLToPath(new URL('../../../../docs/gallery/', import.meta.url));
mkdirSync(folder, { recursive: true });

for (const [name, surface] of Object.entries(surfaces)) {
  const paths = new Map<RuleName, readonly Point[]>();
  for (const rule of ruleNames) {
    paths.set(rule, await descend(surface, rules[rule].rule, surface.learningRates[rule], await backends.cpu()));
  }
  writeFileSync(join(folder, `${name}.svg`), surfaceSvg(surface, paths));
  console.log(`docs/gallery/${name}.svg`);
}
