/** Objects of named values, as users write them: inputs, outputs, sizes, options. */
import { brandOf } from '../graph/brand.js';
import { PappusError } from '../errors.js';
import { show } from './show.js';

/** A class of errors. */
export type ErrorType = new (message: string, options?: ErrorOptions) => PappusError;

/** Kinds of objects, as `Object.prototype.toString` names them, whose fields are not what they hold. */
const HOLDERS: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Promise', 'Date', 'RegExp', 'Error', 'String', 'Number', 'Boolean', 'ArrayBuffer', 'SharedArrayBuffer']);

/** Whether it is an object whose fields are named values: a plain one, one without a prototype, an instance of a class with fields. */
export function hasFields(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  if (Object.getPrototypeOf(value) === Object.prototype) return true;
  return !(Symbol.iterator in value) && !ArrayBuffer.isView(value) && brandOf(value) === undefined && !HOLDERS.has(Object.prototype.toString.call(value).slice(8, -1));
}

/**
 * The fields of an object, in their order; none where it is undefined. Those that are undefined count as left out.
 *
 * @param what what it is, for messages
 * @throws an error of the class if it is none, or a field cannot be read
 */
export function fieldsOf(value: unknown, what: string, ErrorClass: ErrorType): readonly (readonly [string, unknown])[] {
  if (value === undefined) return [];
  return reading(what, ErrorClass, () => {
    if (!hasFields(value)) throw new ErrorClass(`${what}: takes an object of named values, not ${show(value)}`);
    return namesOf(value).map((name) => [name, value[name]] as const).filter(([, field]) => field !== undefined);
  });
}

/** Its own fields, and those that its class or prototype gives it: what can be listed there, and getters. */
function namesOf(value: object): readonly string[] {
  const names = new Set(Object.keys(value));
  for (let from: unknown = Object.getPrototypeOf(value); isObject(from) && !Object.hasOwn(from, 'isPrototypeOf'); from = Object.getPrototypeOf(from)) {
    for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(from))) if (field.enumerable === true || 'get' in field) names.add(name);
  }
  return [...names];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The one field of a name, if the object itself or its class has it: not what every object has, such as `constructor`. */
export function fieldOf(value: Readonly<Record<string, unknown>>, name: string): unknown {
  const field = value[name];
  // What every object has are functions, and its prototype.
  if ((typeof field === 'function' || name === '__proto__') && !Object.hasOwn(value, name)) return undefined;
  return field;
}

/** Runs what reads from an object of the user, whose getters and traps may throw anything. */
export function reading<T>(what: string, ErrorClass: ErrorType, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(what, ErrorClass, error);
  }
}

/** What to throw for what reading from an object has thrown. */
export function unreadable(what: string, ErrorClass: ErrorType, error: unknown): PappusError {
  if (error instanceof PappusError) return error;
  return new ErrorClass(`${what}: could not be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
