// The pages of the site and their order: the one table that the sidebar, the search test and the tests of code read.

/** What runs the blocks of code of a page. */
export type Runner =
  /** The test of this package: every `ts` block, in Node, or in Chromium where its first line names a file. */
  | 'site'
  /** A test elsewhere in the workspace, or nothing where the page has no code that stands by itself. */
  | 'elsewhere';

export interface Page {
  /** The file in docs/, without `.md`; `gallery/README` is served as `gallery/`. */
  readonly file: string;
  /** What the sidebar calls it. */
  readonly title: string;
  readonly code: Runner;
}

export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

const page = (file: string, title: string, code: Runner = 'site'): Page => ({ file, title, code });

export const HOME = page('index', 'Pappus');

export const SECTIONS: readonly Section[] = [
  {
    title: 'Begin',
    pages: [
      page('getting-started', 'Getting started'),
      page('guide', 'Guide', 'elsewhere'),
      page('data', 'Data in'),
      page('recipes', 'Recipes'),
      page('questions', 'Questions'),
    ],
  },
  {
    title: 'Coming from',
    pages: [
      page('coming-from', 'What differs'),
      page('coming-from-torch', 'PyTorch'),
      page('coming-from-optax', 'JAX and Optax'),
      page('coming-from-keras', 'Keras'),
      page('coming-from-tfjs', 'TensorFlow.js'),
    ],
  },
  {
    title: 'Look up',
    pages: [
      page('rules', 'Rules', 'elsewhere'),
      page('choosing-a-rule', 'Which rule to choose', 'elsewhere'),
      page('gallery/README', 'Gallery', 'elsewhere'),
      page('operations', 'Operations', 'elsewhere'),
    ],
  },
  {
    title: 'Know',
    pages: [
      page('numerics', 'Numbers and reproducibility'),
      page('cpu-or-gpu', 'CPU or GPU?'),
      page('limits', 'Limits'),
      page('benchmarks', 'Speed, measured', 'elsewhere'),
      page('sizes', 'Sizes of bundles', 'elsewhere'),
      page('debugging', 'Debugging', 'elsewhere'),
    ],
  },
  {
    title: 'Look inside',
    pages: [
      page('how-a-step-is-compiled', 'How a step is compiled'),
      page('architecture', 'Architecture', 'elsewhere'),
      page('kernel-language', 'The language of kernels', 'elsewhere'),
      page('testing', 'Testing', 'elsewhere'),
    ],
  },
  {
    title: 'Extend',
    pages: [
      page('writing-a-rule', 'Writing a rule'),
      page('writing-an-operation', 'Writing an operation'),
      page('writing-a-backend', 'Writing a backend'),
      page('contributing', 'Contributing', 'elsewhere'),
    ],
  },
];

/** Every page of the sidebar, in its order; the reference has a list of its own. */
export const PAGES: readonly Page[] = SECTIONS.flatMap(({ pages }) => pages);

/** Where a page is served, below the base. */
export const addressOf = ({ file }: Page): string => `/${file.replace(/(^|\/)(README|index)$/, '$1')}`;
