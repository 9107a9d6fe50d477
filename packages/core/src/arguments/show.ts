/** What was given, in messages: any value of JavaScript in a few words. */
import { brandOf } from '../graph/brand.js';
import { describe } from '../graph/describe.js';
import { OpenDimension } from '../graph/dimension.js';
import { Expr } from '../graph/expr.js';

/** `undefined`, `'same'`, `1.5`, `an array of 2`, `an object { h }`, `variable w float32[3]`. Never throws. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > 40 ? `${value.slice(0, 40)}...` : value}'`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : showReadable(value);
    case 'undefined':
    case 'boolean':
    case 'symbol':
      return String(value);
  }
}

function showReadable(value: object): string {
  try {
    return showObject(value);
  } catch {
    // A proxy may throw anything, whatever it is asked.
    return 'an object that cannot be read';
  }
}

function showObject(value: object): string {
  if (value instanceof Expr) return describe(value);
  if (brandOf(value)?.kind === 'output') return 'an output of a step';
  if (isForeign(value)) return 'an expression of another copy of @pappus/core (install one copy only)';
  if (value instanceof OpenDimension) return `the open size ${value.toString()}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind !== 'Object') return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
  const names = Object.keys(value);
  return names.length === 0 ? 'an object' : `an object { ${names.slice(0, 4).join(', ')}${names.length > 4 ? ', ...' : ''} }`;
}

/** Whether it is an expression that another copy of this module has made. */
function isForeign(value: object): boolean {
  return ['node', 'args', 'shape', 'dtype'].every((name) => name in value);
}
