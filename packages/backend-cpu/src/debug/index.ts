/**
 * What debug builds have and others do without: it is loaded when a backend is made for debugging. It imports nothing of the rest of
 * the library, which is handed to it, so that a bundler cuts this out and leaves the rest in one piece.
 */
import type { BackendError } from '@pappus/core';
import type { reachableBytes } from '../codegen/bounds.js';
import type { GUARD } from '../memory.js';
import type { i32 } from '../wasm/instructions.js';
import type { call, ModuleBuilder } from '../wasm/module.js';
import { Checks } from './checks.js';
import { Zones } from './zones.js';

/** What it takes of the rest of the library. */
export interface Kit {
  readonly BackendError: typeof BackendError;
  readonly GUARD: typeof GUARD;
  readonly call: typeof call;
  readonly i32: typeof i32;
  readonly reachableBytes: typeof reachableBytes;
}

export interface DebugTools {
  readonly makeChecks: (module: ModuleBuilder) => Checks;
  readonly makeZones: (memory: WebAssembly.Memory) => Zones;
}

export function debugTools(kit: Kit): DebugTools {
  return {
    makeChecks: (module) => new Checks(module, kit),
    makeZones: (memory) => new Zones(memory, kit),
  };
}
