/** Draws the paths of all update rules over some surfaces into docs/gallery: `pnpm run gallery`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type RuleName, ruleNames, rules } from '@pappus/rule-table';

import { backends } from '../backends.js';
import { optimizers } from '../optimizers.js';
import { classicsSvg, surfaceSvg } from './draw.js';
import { descend, movesMatrices } from './path.js';
import { surfaces, type Point } from './surfaces.js';

const folder = fileURLToPath(new URL('../../../../docs/gallery/', import.meta.url));
mkdirSync(folder, { recursive: true });

for (const [name, surface] of Object.entries(surfaces)) {
  const paths = new Map<RuleName, readonly Point[]>();
  for (const rule of ruleNames) {
    paths.set(rule, await descend(surface, optimizers[rule], rules[rule].gallery.learningRates[surface.name], await backends.cpu(), movesMatrices(rule)));
  }
  for (const [file, svg] of [[`${name}.svg`, surfaceSvg(surface, paths)], [`${name}-classics.svg`, classicsSvg(surface, paths)]] as const) {
    writeFileSync(join(folder, file), svg);
    console.log(`docs/gallery/${file}`);
  }
}
