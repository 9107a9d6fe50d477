/**
 * Functions that WGSL lacks, or grants too little precision, as texts that a shader takes in when it uses them. WGSL lets a driver
 * assume that there are no infinities and no NaN, and flush subnormals; what must be right with them works on bits.
 * Coefficients, and limits of arguments, are the compiler's, in elementary-functions.ts.
 */
import { BITS } from './bits.js';
import { EXPONENTIALS } from './exponentials.js';
import type { Helper } from './helper.js';
import { LOGARITHMS } from './logarithms.js';
import { REMAINDERS } from './remainders.js';
import { TRIGONOMETRIC } from './trigonometric.js';

const HELPERS = { ...BITS, ...EXPONENTIALS, ...LOGARITHMS, ...REMAINDERS, ...TRIGONOMETRIC } as const satisfies Record<string, Helper>;

export type HelperName = keyof typeof HELPERS;

function isHelper(name: string): name is HelperName {
  return name in HELPERS;
}

/** The texts of these functions and of those that they use, each once, used ones first. */
export function helperText(names: readonly HelperName[]): string {
  const texts = new Map<string, string>();
  const add = (name: string): void => {
    if (texts.has(name) || !isHelper(name)) return;
    const helper: Helper = HELPERS[name];
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
