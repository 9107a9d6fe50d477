/**
 * Functions that WGSL lacks, or grants too little precision, as texts that a shader takes in when it uses them. WGSL lets a driver
 * assume that there are no infinities and no NaN, and flush subnormals; what must be right with them works on bits.
 * Coefficients, and limits of arguments, are the compiler's, in elementary-functions.ts.
 */
import { type Kernel, elementwiseOps, lost } from '@pappus/compiler';
import type { ElementwiseOp } from '@pappus/core/backend';
import { BITS } from './bits.js';
import { EXPONENTIALS } from './exponentials.js';
import type { Helper } from './helper.js';
import type { LOGARITHMS } from './logarithms.js';
import type { REMAINDERS } from './remainders.js';
import type { TRIGONOMETRIC } from './trigonometric.js';

export type HelperName = keyof typeof BITS | keyof typeof EXPONENTIALS | keyof typeof LOGARITHMS | keyof typeof REMAINDERS | keyof typeof TRIGONOMETRIC;

/** The functions at hand: those that most shaders use, and those that were loaded. */
const HELPERS = new Map<string, Helper>(Object.entries<Helper>({ ...BITS, ...EXPONENTIALS }));

/** The functions that programs with one of these operations load. */
const ON_DEMAND: readonly { readonly ops: readonly ElementwiseOp[]; readonly load: () => Promise<Readonly<Record<string, Helper>>> }[] = [
  { ops: ['log', 'log1p', 'log2', 'log10', 'pow'], load: async () => (await import('./logarithms.js')).LOGARITHMS },
  { ops: ['sin', 'cos', 'tan'], load: async () => (await import('./trigonometric.js')).TRIGONOMETRIC },
  { ops: ['mod'], load: async () => (await import('./remainders.js')).REMAINDERS },
];

/** Loads what the shaders of these kernels will use. */
export async function loadHelpers(kernels: readonly Kernel[]): Promise<void> {
  const ops = elementwiseOps(kernels);
  const wanted = ON_DEMAND.filter((group) => group.ops.some((op) => ops.has(op)));
  for (const helpers of await Promise.all(wanted.map(({ load }) => load()))) {
    for (const [name, helper] of Object.entries(helpers)) HELPERS.set(name, helper);
  }
}

/** The texts of these functions and of those that they use, each once, used ones first. */
export function helperText(names: readonly HelperName[]): string {
  const texts = new Map<string, string>();
  const add = (name: string): void => {
    if (texts.has(name)) return;
    const helper = HELPERS.get(name) ?? lost(`the text of ${name}`);
    for (const used of helper.uses ?? []) add(used);
    texts.set(name, [helper.text.trim(), ...onVectors(name, helper)].join('\n'));
  };
  for (const name of names) add(name);
  return [...texts.values()].join('\n');
}

function onVectors(name: string, { signature }: Helper): string[] {
  if (signature === undefined) return [];
  const [argument, count, result] = signature;
  const parameters = ['a', 'b'].slice(0, count);
  const lanes = ['x', 'y', 'z', 'w'].map((lane) => `${name}(${parameters.map((p) => `${p}.${lane}`).join(', ')})`);
  return [
    `fn ${name}4(${parameters.map((p) => `${p}: vec4<${argument}>`).join(', ')}) -> vec4<${result}> { return vec4<${result}>(${lanes.join(', ')}); }`,
  ];
}
