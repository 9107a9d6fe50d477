/** What shows how programs run: debug builds, listings and traces. It is loaded when somebody asks for one of them, as one piece. */
import type { Program } from '@pappus/compiler';
import { checkProgram } from '@pappus/compiler/check';
import type { ModuleBuilder } from '../wasm/module.js';
import { Checks } from './checks.js';
export { textOf } from './print-program.js';
export { traceStep } from './trace.js';
import { Zones } from './zones.js';

/** What a debug build has and others have not. */
export interface Debugging {
  readonly makeChecks: (module: ModuleBuilder) => Checks;
  readonly makeZones: (memory: WebAssembly.Memory) => Zones;
  /** Whether a program keeps the rules of the kernel language. */
  readonly checkProgram: (program: Program) => void;
}

export const debugging: Debugging = {
  makeChecks: (module) => new Checks(module),
  makeZones: (memory) => new Zones(memory),
  checkProgram,
};
