/** What shows how programs run: debug builds and listings. It is loaded when somebody asks for one of them, as one piece. */
import type { ModuleBuilder } from '../wasm/module.js';
import { Checks } from './checks.js';
export { textOf } from './print-program.js';
import { Zones } from './zones.js';

/** What a debug build has and others have not. */
export interface Debugging {
  readonly makeChecks: (module: ModuleBuilder) => Checks;
  readonly makeZones: (memory: WebAssembly.Memory) => Zones;
}

export const debugging: Debugging = {
  makeChecks: (module) => new Checks(module),
  makeZones: (memory) => new Zones(memory),
};
