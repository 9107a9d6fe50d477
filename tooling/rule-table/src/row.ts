/** What the table says of a rule. */
import type { Courses, Traits as SuiteTraits } from '@pappus/testing/rules';

/** What a rule is, beside a function: what the suite is told, and what else the table's readers are. */
export interface Traits extends SuiteTraits {
  /** It takes matrices alone: suite and examples put it together with `adamw` at a tenth of its rate, by `partition`. */
  readonly matrices?: true;
  /** What it is given in the suite beside the rate. */
  readonly options?: Readonly<Record<string, number | boolean | string>>;
  /** A model is evaluated at `evaluationParameters` of its updates, and not at the parameters. */
  readonly evaluatedApart?: true;
}

/** The surfaces of the gallery. */
export type SurfaceName = 'rosenbrock' | 'beale' | 'saddle';

/** Libraries that people come from. */
export type Elsewhere = 'torch' | 'optax' | 'keras' | 'tfjs';

export interface RuleRow extends Traits {
  /** What takes it to the minimum of the suite's two problems. */
  readonly suite: Courses;
  readonly gallery: {
    readonly colour: string;
    /** Such that the rule shows its character there. */
    readonly learningRates: Readonly<Record<SurfaceName, number>>;
    /** It is drawn large, beside the few others that everyone knows. */
    readonly classic?: true;
  };
  /** Suits the rule in the MNIST example at batches of 128. */
  readonly mnist: {
    readonly learningRate: number;
    /** It learns next to nothing in the few steps of a short training, which it needs to find its rate, or never. */
    readonly slow?: true;
  };
  /** When to choose it, in a sentence or two, for docs/rules.md. */
  readonly choose: string;
  /** What one writes elsewhere for the same steps, by the library; one that has no such rule is left out. */
  readonly elsewhere: Readonly<Partial<Record<Elsewhere, string>>>;
  /** Its name in Lasagne and Dandelion, whose recorded trajectories it follows; if they do not have it, packages/pappus/test/rules/recorded.test.ts has others'. */
  readonly reference?: string;
}
