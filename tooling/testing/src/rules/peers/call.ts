// Calls of the public packages that know how they are written: the text that is printed is of the very values that were passed.
import * as pappus from 'pappus';

/** How objects and functions are written that calls answered or that have a name. */
const texts = new WeakMap<object, string>();

/** The names under which the umbrella exports functions. */
const exported = new Map<unknown, string>(Object.entries(pappus).map(([name, value]) => [value, name]));

type AnyFunction = (...args: never[]) => unknown;

/**
 * Calls a function, and remembers how that is written: `call(sgd, grads, params, { learningRate: 0.1 })`. What it answers can be an
 * argument of another call, and a function that it answers can be called so, too: `call(call(lookahead, adam, { k: 5 }), grads, params)`.
 */
export function call<F extends AnyFunction>(f: F, ...args: Parameters<F>): ReturnType<F>;
export function call(f: (...args: readonly unknown[]) => unknown, ...args: readonly unknown[]): unknown {
  const answer = f(...args);
  if (isObject(answer) && !texts.has(answer)) texts.set(answer, `${textOf(f)}(${args.filter((arg) => arg !== undefined).map(textOf).join(', ')})`);
  return answer;
}

/** The value, which is written so from now on. */
export function named<T extends object>(value: T, text: string): T {
  texts.set(value, text);
  return value;
}

/**
 * How a value is written.
 *
 * @throws if it is an expression or another object that neither a `call` made nor `named` gave a name
 */
export function textOf(value: unknown): string {
  if (isObject(value)) {
    const known = texts.get(value) ?? exported.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
    // What an entry writes itself, such as ({ t }) => t.pow(-0.8).
    if (typeof value === 'function') return Function.prototype.toString.call(value).replace(/\s+/g, ' ');
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error('a call has an argument that is not known how to write; make it by call(f, ...), or give it a name by named(value, text)');
    const fields = Object.entries(value).flatMap(([name, field]: [string, unknown]) => (field === undefined ? [] : [`${name}: ${textOf(field)}`]));
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
