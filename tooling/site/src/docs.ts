import path from 'node:path';
import { workspaceRoot } from '@pappus/workspace';

/** Where the pages of the site lie. */
export const DOCS = path.join(workspaceRoot, 'docs');
