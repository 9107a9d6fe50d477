// The table of what is rehearsed: what somebody installs, and what has to be true of it.
import type { Manager } from './projects.js';
import type { ProgramName } from './programs.js';
import type { SetName } from './version-sets.js';

/** A package, as its newest version (`@pappus/core`), as one of ours at a release that was rehearsed (`@pappus/core@core-minor`), or as npm has it. */
export type Spec = string;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly manager: Manager;
  /** What is there already. */
  readonly before?: readonly Spec[];
  readonly install: readonly Spec[];
  readonly flags?: readonly string[];
  /** The installation fails, and says this. */
  readonly refusal?: string;
  /** What runs, wherever it can: in engines, through `require`, in bundles. None where the installation fails. */
  readonly program?: ProgramName;
  /** It computes on a GPU: engines without WebGPU of their own have it from the npm package `webgpu`. */
  readonly gpu?: boolean;
  /** The engine that this machine has, and nothing else: what differs is how it was installed. */
  readonly brief?: boolean;
  /** How many copies of core are installed. */
  readonly cores: number;
}

const SGD_ON_CPU = ['@pappus/core', '@pappus/sgd', '@pappus/backend-cpu'];

export const SCENARIOS: readonly Scenario[] = [
  { name: 'single-packages', title: 'core, a family and the CPU', manager: 'npm', install: SGD_ON_CPU, program: 'sgd', cores: 1 },
  { name: 'gpu', title: 'core, adam, constraints and the GPU', manager: 'npm', install: ['@pappus/core', '@pappus/adam', '@pappus/constraints', '@pappus/backend-webgpu', 'webgpu'], program: 'gpu', gpu: true, cores: 1 },
  { name: 'umbrella', title: 'the umbrella', manager: 'npm', install: ['pappus'], program: 'umbrella', cores: 1 },
  { name: 'older-family', title: 'an older family and backend with a newer core', manager: 'npm', install: at({ '@pappus/core': 'core-minor', '@pappus/sgd': 'first', '@pappus/backend-cpu': 'first' }), program: 'sgd', cores: 1 },
  {
    name: 'backend-alone',
    title: 'a backend that was corrected after core had something new: npm brings that core',
    manager: 'npm',
    before: at({ '@pappus/core': 'first', '@pappus/sgd': 'first', '@pappus/backend-cpu': 'first' }),
    install: at({ '@pappus/backend-cpu': 'backend-patch' }),
    program: 'sgd',
    cores: 1,
  },
  {
    name: 'mixed-umbrella',
    title: 'the umbrella with an older and a newer family',
    manager: 'npm',
    install: at({ pappus: 'family-minor', '@pappus/sgd': 'first', '@pappus/adam': 'family-major' }),
    program: 'mixed',
    cores: 1,
  },
  {
    name: 'umbrella-and-next-core',
    title: 'the umbrella with the next major of core',
    manager: 'npm',
    install: at({ pappus: 'family-major', '@pappus/core': 'core-major' }),
    refusal: 'ERESOLVE',
    cores: 0,
  },
  {
    name: 'two-cores',
    title: 'two copies of core, by force',
    manager: 'npm',
    install: [...at({ '@pappus/core': 'core-minor', '@pappus/sgd': 'first' }), 'another-core@npm:@pappus/core@first'],
    program: 'twoCores',
    cores: 2,
  },
  {
    name: 'other-graphs',
    title: 'the next major of core with an older backend, by force',
    manager: 'npm',
    install: at({ '@pappus/core': 'core-major', '@pappus/sgd': 'family-minor', '@pappus/backend-cpu': 'compiler-minor' }),
    flags: ['--force'],
    program: 'graphVersions',
    cores: 1,
  },
  { name: 'pnpm', title: 'installed with pnpm', manager: 'pnpm', install: SGD_ON_CPU, program: 'sgd', cores: 1 },
  { name: 'yarn', title: 'installed with Yarn', manager: 'yarn', install: ['pappus', '@pappus/core'], program: 'umbrella', cores: 1 },
  { name: 'bun', title: 'installed with Bun', manager: 'bun', install: ['pappus'], program: 'umbrella', brief: true, cores: 1 },
  { name: 'deno', title: 'installed with Deno', manager: 'deno', install: ['pappus'], program: 'umbrella', brief: true, cores: 1 },
];

function at(sets: Readonly<Record<string, SetName>>): readonly Spec[] {
  return Object.entries(sets).map(([name, set]) => `${name}@${set}`);
}
