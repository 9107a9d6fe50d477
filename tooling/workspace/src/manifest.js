import { readFileSync } from 'node:fs';
import path from 'node:path';

export const readManifest = (directory) => JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
