// Anything that JavaScript can hand in, and what a function may do with it: answer, or throw an error of Pappus that names what was called.
import { Expr, input, literal, PappusError } from '@pappus/core';

const cyclic: unknown[] = [];
cyclic.push(cyclic);

const fails = (): never => {
  throw new TypeError('a trap');
};

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** What throws when it is looked at. */
const UNREADABLE: readonly unknown[] = [
  revoked({}), revoked([]), new Proxy([1, 2], { get: fails }), new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails, getOwnPropertyDescriptor: fails }),
  Object.defineProperty([1, 2], 0, { get: fails }), Object.defineProperty({}, 'keepdims', { get: fails, enumerable: true }),
];

const ODD: readonly unknown[] = [
  ...UNREADABLE,
  undefined, null, NaN, Infinity, 1.5, -1, 0, 2 ** 40, '', 'a', 'float16', 'constructor', true, 10n, Symbol('s'), () => 1, {}, [], [1, 2], [1, 2, 3], [[1], [2, 3]], [[]], [null], [undefined],
  ['a'], new Array(2), [[1, NaN]], [10n], [Symbol('s')], cyclic, new Float32Array([1, 2, 3]), new Float32Array(3).fill(1), new Float64Array(3), new Int32Array(3), new Uint8Array(3),
  new BigInt64Array(3), new ArrayBuffer(8), new Date(0), new Map(), Promise.resolve(1), Object.create(null), { data: [1], shape: [1] }, { toString: () => 'float32' }, { node: 1, args: [], shape: [], dtype: 'float32' },
  input('float32', [2, 3]), input('bool', [2, 3]), input('int32', [2, 3]), input('float64', [2, 3]), input('float32', ['n', 3]), input('float32', [0]), input('float32'), input('int32'), input('bool'), input('float32', [7, 5, 2]), literal([1], [1], 'float32'),
];

export type Called = (...given: unknown[]) => unknown;

/** Whether it is a function, and no class. */
export function isCalled(value: unknown): value is Called {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

/** What is wrong with what a call does; nothing if it answers something, or throws an error of Pappus that names it. */
export function complaint(name: string, call: () => unknown, spread: string): string[] {
  try {
    const answer = call();
    return answer === undefined || (typeof answer === 'number' && Number.isNaN(answer)) ? [`${spread}: answers ${String(answer)}`] : [];
  } catch (error) {
    if (!(error instanceof PappusError)) return [`${spread}: ${error instanceof Error ? `${error.name}: ${error.message}` : 'no error'}`];
    return error.message.startsWith(`${name}:`) ? [] : [`${spread}: '${error.message}'`];
  }
}

/** A value in the name of a case. */
function text(value: unknown): string {
  try {
    return typeof value === 'function' ? 'function' : typeof value === 'object' && value !== null && !(value instanceof Expr) ? `${Object.prototype.toString.call(value)} ${Object.keys(value).join()}` : String(value);
  } catch {
    return typeof value;
  }
}

/** One argument after the other, and one entry of each options object, replaced by each odd value. */
export function* variations(given: readonly unknown[]): Generator<readonly [readonly unknown[], string]> {
  yield [[], 'no arguments'];
  for (const [k, value] of given.entries()) {
    for (const odd of ODD) yield [given.map((own, at) => (at === k ? odd : own)), `argument ${k} ${text(odd)}`];
    if (k > 0) yield [given.slice(0, k), `${k} arguments`];
    if (Array.isArray(value)) {
      for (const at of value.keys()) for (const odd of ODD) yield [given.map((own, m) => (m === k ? value.map((e: unknown, n) => (n === at ? odd : e)) : own)), `argument ${k}[${at}] ${text(odd)}`];
    } else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      for (const name of Object.keys(value)) {
        for (const odd of ODD) yield [given.map((own, m) => (m === k ? { ...value, [name]: odd } : own)), `argument ${k}.${name} ${text(odd)}`];
      }
      yield [given.map((own, m) => (m === k ? { ...value, misspelt: 1 } : own)), `argument ${k}.misspelt`];
    }
  }
  for (const odd of ODD) yield [given.map(() => odd), `all ${text(odd)}`];
}
