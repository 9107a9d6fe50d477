// Values that JavaScript has and a tensor program has no use for, by what they are: for every entry point through which values come.
import vm from 'node:vm';

function detached(): Float32Array {
  const values = Float32Array.of(1, 2);
  structuredClone(values, { transfer: [values.buffer] });
  return values;
}

function shrunk(): unknown {
  const buffer: unknown = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]);
  if (!(buffer instanceof ArrayBuffer)) return undefined;
  const values = new Float32Array(buffer, 0, 2);
  const resize: unknown = Reflect.get(buffer, 'resize');
  if (typeof resize === 'function') Reflect.apply(resize, buffer, [4]);
  return values;
}

function cyclic(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

function cyclicAtTheEnd(): unknown[] {
  const list: unknown[] = [1];
  list.push(list);
  return list;
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let k = 0; k < levels; k++) value = [value];
  return value;
}

/** 2^40 elements, in 40 arrays of two. */
function wide(): unknown {
  let value: unknown = [1, 1];
  for (let k = 1; k < 40; k++) value = [value, value];
  return value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable<object>({}, {});
  revoke();
  return proxy;
}

/** What the checker knows too much of. */
function some(value: unknown): unknown {
  return value;
}

const fails = (): never => {
  throw new TypeError('a trap');
};

class Renamed extends Float32Array {
  override get length(): number {
    return 100;
  }

  override slice(): never {
    throw new RangeError('no slices');
  }
}

class WithFields {
  x = [1, 2];
}

/** Made anew, since some can be used up. */
export function oddValues(): Readonly<Record<string, unknown>> {
  const float16: unknown = Reflect.get(globalThis, 'Float16Array');
  return {
    undefined: undefined,
    null: null,
    NaN: NaN,
    Infinity: Infinity,
    '-0': -0,
    'a fraction': 0.5,
    'a large number': 2 ** 53,
    'a text': 'a',
    'a number as a text': '7',
    'no text': '',
    true: true,
    false: false,
    'a bigint': 3n,
    'a symbol': Symbol('odd'),
    'a function': () => 1,
    'a class': WithFields,
    'a promise': Promise.resolve(1),
    'a thenable': { then: () => undefined },
    'a date': new Date(0),
    'a regular expression': /x/,
    'an error': new Error('odd'),
    'a Map': new Map([['x', [1, 2]]]),
    'a Set': new Set([1, 2]),
    'a WeakMap': new WeakMap(),
    'a Number object': some(Object(1)),
    'an empty array': [],
    'an array of two': [1, 2],
    'an array with a hole': Object.assign(new Array<number>(2), { 1: 1 }),
    'an array of undefined': [1, undefined],
    'an array of null': [1, null],
    'an array of texts': ['1', '2'],
    'an array of bigints': [1n, 2n],
    'an array of dates': [new Date(0), new Date(1)],
    'an array of objects': [{}, {}],
    'an array of promises': [Promise.resolve(1), Promise.resolve(2)],
    'pairs': [['x', 1]],
    'a ragged array': [[1], [1, 2]],
    'a cyclic array': cyclic(),
    'an array that ends in itself': cyclicAtTheEnd(),
    'an array 20000 deep': deep(20000),
    'an array 70 deep': deep(70),
    'an array of 2^40 elements': wide(),
    'a very long array of holes': new Array(2 ** 32 - 1),
    'an array-like': { length: 2, 0: 1, 1: 2 },
    'an iterable': { *[Symbol.iterator]() { yield 1; } },
    'an object': {},
    'an object without a prototype': some(Object.create(null)),
    'an object whose prototype is an array': some(Object.create([1, 2])),
    'an object of its own class': new WithFields(),
    'an object with a getter that throws': Object.defineProperty({}, 'x', { get: fails, enumerable: true }),
    'an array with a getter that throws': Object.defineProperty([1, 2], 1, { get: fails }),
    'a proxy that throws': new Proxy({}, { get: fails, has: fails, ownKeys: fails, getPrototypeOf: fails, getOwnPropertyDescriptor: fails }),
    'a proxy of an array that throws': new Proxy([1, 2], { get: fails }),
    'a revoked proxy': revoked(),
    'an object with __proto__': some(JSON.parse('{"__proto__": 1}')),
    'data without a shape': { data: Float32Array.of(1, 2) },
    'data of an array': { data: [1, 2], shape: [2] },
    'data with a negative size': { data: Float32Array.of(1, 2), shape: [-2] },
    'data with a hole for a size': { data: Float32Array.of(1, 2), shape: new Array(1) },
    'data with a text for a size': { data: Float32Array.of(1, 2), shape: ['2'] },
    'data with a shape that is none': { data: Float32Array.of(1, 2), shape: 2 },
    'data that is missing': { data: undefined, shape: [2] },
    'data that is detached': { data: detached(), shape: [0] },
    'an ArrayBuffer': new ArrayBuffer(8),
    'a DataView': new DataView(new ArrayBuffer(8)),
    'an empty Float32Array': new Float32Array(0),
    'a Float32Array of two': Float32Array.of(1, 2),
    'a Float32Array of three': Float32Array.of(1, 2, 3),
    'a Float32Array that is detached': detached(),
    'a Float32Array out of its buffer': shrunk(),
    'a Float32Array over shared memory': new Float32Array(new SharedArrayBuffer(8)),
    'a Float32Array of another realm': some(vm.runInNewContext('Float32Array.of(1, 2)')),
    'an array of another realm': some(vm.runInNewContext('[1, 2]')),
    'an object of another realm': some(vm.runInNewContext('({ x: [1, 2] })')),
    'a subclass of Float32Array': new Renamed([1, 2]),
    'a Buffer': Buffer.from([0, 1]),
    'a Float64Array': Float64Array.of(1, 2),
    'an Int32Array': Int32Array.of(1, 2),
    'a Uint8Array': Uint8Array.of(0, 1),
    'a Uint8ClampedArray': Uint8ClampedArray.of(0, 1),
    'an Int8Array': Int8Array.of(0, 1),
    'a Uint32Array': Uint32Array.of(0, 1),
    'a BigInt64Array': BigInt64Array.of(0n, 1n),
    ...(typeof float16 === 'function' ? { 'a Float16Array': some(Reflect.construct(float16, [2])) } : {}),
    'rows of Float64Arrays': [Float64Array.of(1), Float64Array.of(2)],
    'rows of BigInt64Arrays': [BigInt64Array.of(1n), BigInt64Array.of(2n)],
    'rows that are detached': [detached(), detached()],
    'the global object': globalThis,
  };
}
