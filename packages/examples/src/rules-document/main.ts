/** Writes docs/rules.md: `pnpm run rules-document`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { rulesDocument } from './document.js';

const workspace = new URL('../../../../', import.meta.url);
writeFileSync(new URL('docs/rules.md', workspace), rulesDocument((directory) => fileURLToPath(new URL(`packages/${directory}/src/`, workspace))));
console.log('docs/rules.md');
