/** What 10,000 steps leave behind. */
import { runProcess } from '../child-process.js';
import type { Row, Workload } from '../workload.js';

/**
 * Garbage-collected heaps breathe by some kilobytes. Whatever leaks leaves at least one object a step, and V8's smallest takes 12
 * bytes: growth below half of that is no leak.
 */
const heapBytesPerStep = 6;

export const workload: Workload = {
  name: 'memory',
  title: 'Growth over 10,000 steps of an MLP 16-32-4, batch 8',
  async run({ adapters }) {
    const rows: Row[] = [];
    for (const { name, mlp } of adapters) {
      if (mlp === undefined || name === 'jax-js (count)') continue;
      const { heap = NaN, wasm = NaN, steps = NaN, wasmTotal = NaN } = await runProcess('growth', name);
      const ours = name === 'Pappus';
      rows.push({
        case: 'JavaScript heap', contender: name, value: heap, unit: 'bytes', note: `${(heap / steps).toFixed(2)} bytes/step`,
        ...(ours && { target: { atMost: heapBytesPerStep * steps } }),
      });
      rows.push({
        case: 'WebAssembly memory', contender: name, value: wasm, unit: 'bytes', note: `of ${(wasmTotal / 2 ** 20).toFixed(1)} MiB`,
        ...(ours && { target: { atMost: 0 } }),
      });
    }
    return rows.toSorted((a, b) => a.case.localeCompare(b.case));
  },
};
