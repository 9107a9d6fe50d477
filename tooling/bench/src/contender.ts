/** What the harness times: one library (or one hand-written kernel) doing one problem. */
import type { AdamProblem } from './problems/adam.js';
import type { CnnProblem } from './problems/cnn.js';
import type { LstmProblem } from './problems/lstm.js';
import type { MatmulProblem } from './problems/matmul.js';
import type { MlpProblem } from './problems/mlp.js';
import type { Checked } from './problems/training.js';
import type { TransformerProblem } from './problems/transformer.js';

export interface Contender {
  readonly name: string;
  /** Brings everything that a step needs to the device. */
  setup(): Promise<void>;
  /** Takes a few steps and throws a {@link WrongResult} unless they agree with the float64 reference. Runs before any timing. */
  check(): Promise<void>;
  /** One step, finished when it returns undefined or when its promise resolves. */
  step(): Promise<unknown> | undefined;
  /** Takes so many steps and answers milliseconds a step: of one in another process, which has its own clock. Default: `step` is timed here. */
  timed?(repetitions: number): Promise<number>;
  dispose(): void;
}

/** One library. A problem that it cannot do is left out. */
export interface Adapter {
  readonly name: string;
  /** Loads and configures the library: one thread, float32, WebAssembly. May be called more than once. */
  init(): Promise<void>;
  adam?(problem: AdamProblem): Contender;
  mlp?(problem: MlpProblem): Contender;
  matmul?(problem: MatmulProblem): Contender;
  cnn?(checked: Checked<CnnProblem>): Contender;
  lstm?(checked: Checked<LstmProblem>): Contender;
  transformer?(checked: Checked<TransformerProblem>): Contender;
  /** The smallest program that trains, to be bundled: JavaScript, and files that it fetches when it runs. */
  readonly bundle?: { readonly source: string; readonly fetches?: readonly string[] };
}

export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}
