/**
 * The time from weights in typed arrays to the first loss on the host, in a fresh process with the library loaded and its backend up:
 * whatever is traced, differentiated, compiled and uploaded is in it.
 */
import { adapterNamed } from '../contenders/index.js';
import { mlpProblem } from '../problems/mlp.js';

const adapter = adapterNamed(process.argv[2] ?? '');
await adapter.init();
const contender = adapter.mlp?.(mlpProblem([784, 256, 128, 10], 128, 2));
if (contender === undefined) throw new Error(`${adapter.name} trains no network.`);
const start = performance.now();
await contender.setup();
await contender.step();
const first = performance.now() - start;
process.stdout.write(`${JSON.stringify({ first })}\n`);
