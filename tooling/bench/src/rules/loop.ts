/**
 * A measure of a rule: one hand-written f32x4 loop, in place, that reads and writes as many tensors as the rule's kernel, and divides and takes roots
 * as often, with a multiplication or an addition for each. What it computes is nothing but bounded.
 */
import wabt from 'wabt';
import { WrongResult, type Contender } from '../contender.js';
import { uniform } from '../random.js';
import type { Traffic } from './traffic.js';

const pageBytes = 65536;

/** So many vectors at a time. */
const UNROLLED = 2;

const compiled = new Map<string, WebAssembly.Module>();

type Kernel = (bytes: number) => void;

/** Tensors lie one behind the other, each `bytes` long; the first ones are written. Nothing waits for more than a sum, a root and a division. */
function textOf({ loads, stores, divisions, roots }: Traffic, bytes: number): string {
  const tensors = Math.max(loads, stores);
  const each = (count: number, line: (k: number) => string): string => Array.from({ length: count }, (_, k) => line(k)).join('\n');
  const constant = (value: number): string => `(v128.const f32x4 ${Array<number>(4).fill(value).join(' ')})`;
  const sum = (terms: readonly string[]): string => terms.reduce((a, b) => `(f32x4.add ${a} ${b})`);
  const loaded = (k: number): string => `(local.get $t${k % loads})`;
  const quotients = Array.from({ length: divisions }, (_, k) => `(f32x4.div (local.get $x) ${k < roots ? `(local.get $r${k})` : `(f32x4.add ${loaded(k)} (local.get $half))`})`);
  const rest = Array.from({ length: Math.max(roots - divisions, 0) }, (_, k) => `(local.get $r${divisions + k})`);
  const made = [...quotients, ...rest];
  /** What a store writes beside half of what was there: its share of the quotients and roots, or the sum. */
  const written = (k: number): string => {
    const own = made.filter((_, at) => at % stores === k);
    return own.length === 0 ? '(local.get $x)' : sum(own);
  };
  const vector = (start: number): string => `
        ${each(loads, (k) => `(local.set $t${k} (v128.load offset=${k * bytes + start} (local.get $p)))`)}
        (local.set $x ${sum(['(local.get $tenth)', ...Array.from({ length: loads }, (_, k) => loaded(k))])})
        ${each(roots, (k) => `(local.set $r${k} (f32x4.sqrt ${loaded(k)}))`)}
        ${each(stores, (k) => `(v128.store offset=${k * bytes + start} (local.get $p) (f32x4.add (f32x4.mul (local.get $half) (local.get $t${k})) (f32x4.mul (local.get $tenth) ${written(k)})))`)}`;
  return `
  (module
    (import "env" "memory" (memory 0))
    (func (export "loop") (param $bytes i32)
      (local $p i32) (local $x v128) (local $half v128) (local $tenth v128)
      ${each(tensors, (k) => `(local $t${k} v128)`)}
      ${each(roots, (k) => `(local $r${k} v128)`)}
      (local.set $half ${constant(0.5)})
      (local.set $tenth ${constant(0.1)})
      (loop $next
        ${each(UNROLLED, (u) => vector(16 * u))}
        (local.set $p (i32.add (local.get $p) (i32.const ${16 * UNROLLED})))
        (br_if $next (i32.lt_u (local.get $p) (local.get $bytes))))))`;
}

async function assemble(traffic: Traffic, bytes: number): Promise<WebAssembly.Module> {
  const text = textOf(traffic, bytes);
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const source = (await wabt()).parseWat('loop.wat', text, { simd: true });
  const module = new WebAssembly.Module(new Uint8Array(source.toBinary({}).buffer));
  source.destroy();
  compiled.set(text, module);
  return module;
}

/** Over so many elements, which need not be as many tensors: all lie behind one another. */
export function loopOf(traffic: Traffic, elements: number): Contender {
  const bytes = Math.ceil(elements / (4 * UNROLLED)) * 16 * UNROLLED;
  const tensors = Math.max(traffic.loads, traffic.stores);
  let memory = new WebAssembly.Memory({ initial: 0 });
  let kernel: Kernel = () => undefined;
  return {
    name: 'loop',
    async setup() {
      memory = new WebAssembly.Memory({ initial: Math.ceil((tensors * bytes) / pageBytes) });
      const { exports } = await WebAssembly.instantiate(await assemble(traffic, bytes), { env: { memory } });
      if (!isKernel(exports['loop'])) throw new TypeError('The module exports no function loop.');
      kernel = exports['loop'];
      for (let k = 0; k < tensors; k++) new Float32Array(memory.buffer, k * bytes, elements).set(uniform(elements, 0.01, 1, k + 1));
    },
    async check() {
      // It comes to rest between a hundredth and ten: neither subnormal numbers nor infinities change its speed.
      for (let k = 0; k < 20; k++) kernel(bytes);
      if (!new Float32Array(memory.buffer, 0, elements).every((value) => Math.abs(value) > 1e-3 && Math.abs(value) < 1e3)) throw new WrongResult('loop: what is written leaves the range of plain numbers');
    },
    step() {
      kernel(bytes);
      return undefined;
    },
    dispose() {
      memory = new WebAssembly.Memory({ initial: 0 });
      kernel = () => undefined;
    },
  };
}

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'function';
}
