/** What a debug build has and others have not; it is loaded for `cpu({ debug: true })` alone. */
import type { ModuleBuilder } from '../wasm/module.js';
import { Checks } from './checks.js';
import { Zones } from './zones.js';

export interface Debugging {
  readonly makeChecks: (module: ModuleBuilder) => Checks;
  readonly makeZones: (memory: WebAssembly.Memory) => Zones;
}

export const debugging: Debugging = {
  makeChecks: (module) => new Checks(module),
  makeZones: (memory) => new Zones(memory),
};
