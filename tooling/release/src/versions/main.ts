// The command `version-packages`: from the changesets of this workspace to versions and changelogs, which a person then commits.
import { workspaceRoot } from '@pappus/workspace';
import { nextVersions } from './next-versions.js';

console.log(await nextVersions(workspaceRoot));
