/**
 * How much the JavaScript heap and WebAssembly's memories grow over 10,000 steps of a small network that has warmed up.
 * What the engine compiles late grows the heap once and a leak grows it every time, so the smaller growth of two such runs counts.
 */
import { mlpProblem } from '../problems/mlp.js';

const steps = 10_000;
const memories = watchMemories();
const { adapterNamed } = await import('../contenders/index.js');
const adapter = adapterNamed(process.argv[2] ?? '');
await adapter.init();
const contender = adapter.mlp?.(mlpProblem([16, 32, 4], 8));
if (contender === undefined) throw new Error(`${adapter.name} trains no network.`);
await contender.setup();
await contender.check();
const warm = await after(2000);
const once = await after(steps);
const twice = await after(steps);
const growth = {
  heap: Math.min(once.heap - warm.heap, twice.heap - once.heap),
  wasm: twice.wasm - warm.wasm,
};
process.stdout.write(`${JSON.stringify({ ...growth, steps, wasmTotal: twice.wasm })}\n`);

async function after(count: number): Promise<{ heap: number; wasm: number }> {
  for (let i = 0; i < count; i++) await contender?.step();
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));   // finalizers run between turns
    globalThis.gc?.();
  }
  return { heap: process.memoryUsage().heapUsed, wasm: [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0) };
}

/** Every WebAssembly memory made or exported from here on, whoever asks for it. They are held, and so counted, for good. */
function watchMemories(): Set<WebAssembly.Memory> {
  const found = new Set<WebAssembly.Memory>();
  const { Memory, Instance, instantiate } = WebAssembly;
  const noteExports = (instance: unknown): void => {
    if (!(instance instanceof Instance)) return;
    for (const value of Object.values(instance.exports)) if (value instanceof Memory) found.add(value);
  };
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      found.add(this);
    }
  };
  WebAssembly.Instance = class extends Instance {
    constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      super(module, imports);
      noteExports(this);
    }
  };
  Reflect.set(WebAssembly, 'instantiate', async (...args: unknown[]) => {
    const made: unknown = await Reflect.apply(instantiate, WebAssembly, args);
    noteExports(typeof made === 'object' && made !== null && 'instance' in made ? made.instance : made);
    return made;
  });
  return found;
}
