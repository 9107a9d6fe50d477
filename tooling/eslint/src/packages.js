// Which package may import which: the one table, and the paths that follow from it.

/** The directories of packages/ in the order of the house, each with the packages that its sources may import; the table of rules is in tooling/. */
export const mayImport = {
  core: [],
  compiler: ['core'],
  sgd: ['core'],
  adagrad: ['core'],
  rmsprop: ['core'],
  adadelta: ['core'],
  adam: ['core'],
  sign: ['core'],
  trust: ['core'],
  factored: ['core'],
  muon: ['core'],
  'schedule-free': ['core'],
  'rate-free': ['core'],
  sophia: ['core'],
  wrappers: ['core'],
  constraints: ['core'],
  schedules: ['core'],
  'backend-cpu': ['core', 'compiler'],
  'backend-webgpu': ['core', 'compiler'],
  pappus: [
    'core',
    'compiler',
    'sgd',
    'adagrad',
    'rmsprop',
    'adadelta',
    'adam',
    'sign',
    'trust',
    'factored',
    'muon',
    'schedule-free',
    'rate-free',
    'sophia',
    'wrappers',
    'constraints',
    'schedules',
    'backend-cpu',
    'backend-webgpu',
  ],
  testing: ['core', 'compiler'],
  examples: ['pappus', 'rule-table', 'testing'],
};

/** Packages that nobody installs: their sources may import third parties and `node:` modules too. */
export const privatePackages = ['examples'];

/** What sources of a public package may import beside ours: who installs the package has it. */
export const peersOf = { testing: ['vitest'] };

/** The name under which a directory of packages/ is imported. */
export const packageName = (directory) => (directory === 'pappus' ? 'pappus' : `@pappus/${directory}`);

/** `@pappus/core/x` -> `@pappus/core`, `vitest/config` -> `vitest`, `node:fs` -> `node:fs`. */
export const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
