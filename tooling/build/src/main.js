#!/usr/bin/env node
// The build of one public package, run in its directory: its modules as a few files, and their declarations.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { bundlePackage } from './bundle.js';
import { writeDeclarations } from './declarations.js';

const directory = process.cwd();
const manifest = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8'));
await rm(path.join(directory, 'dist'), { recursive: true, force: true });
writeDeclarations(directory);
await bundlePackage(directory, manifest.exports);
