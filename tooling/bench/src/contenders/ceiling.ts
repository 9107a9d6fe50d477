/** The ceiling: Adam as one hand-written f32x4 kernel, in place, over parameters that lie one behind the other. */
import wabt from 'wabt';
import type { Adapter } from '../contender.js';
import { adamContender, hyperparameters } from '../problems/adam.js';
import type { AdamProblem } from '../problems/adam.js';

const name = 'ceiling';

/** p -= rate m' / (sqrt(v') + epsilon), m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2; [p | g | m | v], each `bytes` long. */
const text = `
  (module
    (import "env" "memory" (memory 0))
    (func (export "adam") (param $bytes i32)
        (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32) (param $rate f32) (param $epsilon f32)
      (local $p i32) (local $g i32) (local $m i32) (local $v i32)
      (local $b1 v128) (local $r1 v128) (local $b2 v128) (local $r2 v128) (local $lr v128) (local $eps v128)
      (local $grad v128) (local $mNext v128) (local $vNext v128)
      (local.set $b1 (f32x4.splat (local.get $beta1)))
      (local.set $r1 (f32x4.splat (local.get $rest1)))
      (local.set $b2 (f32x4.splat (local.get $beta2)))
      (local.set $r2 (f32x4.splat (local.get $rest2)))
      (local.set $lr (f32x4.splat (local.get $rate)))
      (local.set $eps (f32x4.splat (local.get $epsilon)))
      (local.set $g (local.get $bytes))
      (local.set $m (i32.mul (local.get $bytes) (i32.const 2)))
      (local.set $v (i32.mul (local.get $bytes) (i32.const 3)))
      (loop $next
        (local.set $grad (v128.load (local.get $g)))
        (local.set $mNext (f32x4.add
          (f32x4.mul (local.get $b1) (v128.load (local.get $m)))
          (f32x4.mul (local.get $r1) (local.get $grad))))
        (v128.store (local.get $m) (local.get $mNext))
        (local.set $vNext (f32x4.add
          (f32x4.mul (local.get $b2) (v128.load (local.get $v)))
          (f32x4.mul (local.get $r2) (f32x4.mul (local.get $grad) (local.get $grad)))))
        (v128.store (local.get $v) (local.get $vNext))
        (v128.store (local.get $p) (f32x4.sub
          (v128.load (local.get $p))
          (f32x4.div
            (f32x4.mul (local.get $lr) (local.get $mNext))
            (f32x4.add (f32x4.sqrt (local.get $vNext)) (local.get $eps)))))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br_if $next (i32.lt_u (local.get $p) (local.get $bytes))))))`;

const pageBytes = 65536;

type Kernel = (bytes: number, beta1: number, rest1: number, beta2: number, rest2: number, rate: number, epsilon: number) => void;

let compiled: WebAssembly.Module | undefined;

async function assemble(): Promise<WebAssembly.Module> {
  if (compiled === undefined) {
    const source = (await wabt()).parseWat('adam.wat', text, { simd: true });
    compiled = new WebAssembly.Module(new Uint8Array(source.toBinary({}).buffer));
    source.destroy();
  }
  return compiled;
}

export const ceiling: Adapter = {
  name,

  async init() {
    await assemble();
  },

  adam(problem) {
    const { learningRate, beta1, beta2, epsilon } = hyperparameters;
    const bytes = Math.ceil(problem.elements / 4) * 16;
    let memory = new WebAssembly.Memory({ initial: 0 });
    let kernel: Kernel = () => undefined;
    let t = 0;
    /** Copies a list of parameters or gradients to byte `start`, one behind the other. */
    const place = (values: readonly Float32Array[], start: number): void => {
      const floats = new Float32Array(memory.buffer, start, problem.elements);
      let at = 0;
      for (const value of values) {
        floats.set(value, at);
        at += value.length;
      }
    };
    return adamContender(name, problem, {
      async setup() {
        memory = new WebAssembly.Memory({ initial: Math.ceil((4 * bytes) / pageBytes) });
        const { exports } = await WebAssembly.instantiate(await assemble(), { env: { memory } });
        kernel = exportedKernel(exports);
        place(problem.params, 0);
        place(problem.grads, bytes);
      },
      setGradients: (grads) => place(grads, bytes),
      step() {
        t++;
        const root = Math.sqrt(1 - beta2 ** t);
        kernel(bytes, beta1, 1 - beta1, beta2, 1 - beta2, (learningRate * root) / (1 - beta1 ** t), epsilon * root);
        return undefined;
      },
      read: async () => readBack(memory, problem),
      dispose() {
        memory = new WebAssembly.Memory({ initial: 0 });
        kernel = () => undefined;
      },
    });
  },
};

function exportedKernel({ adam }: WebAssembly.Exports): Kernel {
  if (!isKernel(adam)) throw new TypeError('The module exports no function adam.');
  return adam;
}

function isKernel(value: unknown): value is Kernel {
  return typeof value === 'function';
}

function readBack(memory: WebAssembly.Memory, problem: AdamProblem): Float32Array[] {
  let at = 0;
  return problem.sizes.map((size) => {
    const values = new Float32Array(memory.buffer, at * 4, size).slice();
    at += size;
    return values;
  });
}
