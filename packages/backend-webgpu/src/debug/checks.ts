/** The functions through which the shaders of a debug build reach tensors: a read out of bounds is a NaN, a write is none, and both are reported. */

/** What compares an access with the bounds of its tensor. `site` is twice the number of the operand, and one more where it is written. */
const COMPARE = [
  'fn inside(at: i32, count: i32, low: i32, high: i32, site: u32) -> bool {',
  '  let stop = low + ((high - low + count - 1) / count) * count;',
  '  if (at >= low && at + count <= stop) { return true; }',
  '  if (atomicAdd(&report[0], 1u) == 0u) {',
  '    atomicStore(&report[1], kernelNumber());',
  '    atomicStore(&report[2], site);',
  '    atomicStore(&report[3], bitcast<u32>(at - low));',
  '    atomicStore(&report[4], u32(high - low));',
  '  }',
  '  return false;',
  '}',
];

/** @param number the expression of the number of a dispatch */
export function checkText(number: string): string {
  return [`fn kernelNumber() -> u32 { return ${number}; }`, ...COMPARE].join('\n');
}

/**
 * Functions that reach a binding, or do not; with them a place is counted in elements or, where there are four lanes, in vectors.
 *
 * @param raw the expression or the statement that does it without a look
 */
export function checkedRead(name: string, element: string, lanes: number, stored: string, zero: string, raw: (at: string) => string): string {
  return [
    `fn ${name}(at: i32, low: i32, high: i32, site: u32) -> ${element} {`,
    `  if (!inside(at * ${lanes}, ${lanes}, low, high, site)) { return ${element}(bitcast<${stored}>(0x7ff45a5au | ${zero})); }`,
    `  return ${raw('at')};`,
    '}',
  ].join('\n');
}

export function checkedWrite(name: string, element: string, lanes: number, raw: (at: string, value: string) => string): string {
  return [
    `fn ${name}(at: i32, low: i32, high: i32, site: u32, value: ${element}) {`,
    `  if (inside(at * ${lanes}, ${lanes}, low, high, site)) { ${raw('at', 'value')} }`,
    '}',
  ].join('\n');
}
