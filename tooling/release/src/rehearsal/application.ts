// The files of an application around a program: for engines that import and that require, for a page with a worker, and for TypeScript.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transform } from 'esbuild';
import { PAGE } from './bundlers.js';

/** What runs in engines without pages: it prints the report as a line of JSON. */
export const IMPORTING = 'main.js';
export const REQUIRING_FILE = 'main.cjs';
/** What TypeScript reads. */
export const SOURCE = 'train.ts';

const PAGE_SOURCE = `import { train } from './train.js';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const fromWorker = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => (data.failure === undefined ? resolve(data.report) : reject(new Error('in the worker: ' + data.failure)));
  worker.onerror = ({ message }) => reject(new Error('in the worker: ' + message));
});
globalThis.report = Promise.all([train(), fromWorker]).then(([page, worker]) => ({ page, worker }));
`;

const WORKER_SOURCE = `import { train } from './train.js';

train().then(
  (report) => postMessage({ report }),
  (error) => postMessage({ failure: String(error) }),
);
`;

/** Writes the files of an application whose program, in TypeScript, exports `train`. */
export async function writeApplication(directory: string, program: string): Promise<void> {
  const { code: module } = await transform(program, { loader: 'ts' });
  const { code: script } = await transform(program, { loader: 'ts', format: 'cjs' });
  const files = {
    [SOURCE]: program,
    'train.js': module,
    'train.cjs': script,
    [IMPORTING]: "import { train } from './train.js';\n\nconsole.log(JSON.stringify(await train()));\n",
    [REQUIRING_FILE]: "require('./train.cjs').train().then((report) => console.log(JSON.stringify(report)));\n",
    'page.js': PAGE_SOURCE,
    'worker.js': WORKER_SOURCE,
    'index.html': PAGE,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
}
