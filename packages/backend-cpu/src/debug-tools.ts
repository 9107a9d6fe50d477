/** Loads what only debug builds need. */
import { BackendError } from '@pappus/core';
import { reachableBytes } from './codegen/bounds.js';
import type { DebugTools } from './debug/index.js';
import { GUARD } from './memory.js';
import { i32 } from './wasm/instructions.js';
import { call } from './wasm/module.js';

/** @throws {BackendError} if that part of the package is not there */
export async function loadDebugTools(): Promise<DebugTools> {
  try {
    const { debugTools } = await import('./debug/index.js');
    return debugTools({ BackendError, GUARD, call, i32, reachableBytes });
  } catch (error) {
    throw new BackendError(`cpu: the part of the package for the option debug could not be loaded: ${String(error)}`, { cause: error });
  }
}
