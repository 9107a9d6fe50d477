// The command `api-reports`: writes what each door gives into tooling/release/api, and takes away what no door gives.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { committedReports, makeReports, reportsDirectory } from './reports.js';

const before = await committedReports();
const after = await makeReports();
await mkdir(reportsDirectory, { recursive: true });
for (const [name, text] of after) {
  if (before.get(name) === text) continue;
  await writeFile(path.join(reportsDirectory, name), text);
  console.log(`wrote tooling/release/api/${name}`);
}
for (const name of before.keys()) {
  if (after.has(name)) continue;
  await rm(path.join(reportsDirectory, name));
  console.log(`removed tooling/release/api/${name}`);
}
