/** Rows of the family `@pappus/schedule-free`. */
import type { RuleRow } from '../row.js';

export const scheduleFree = {
  scheduleFreeSgd: {
    couples: 'elements',
    evaluatedApart: true,
    suite: { quadratic: { learningRate: 2, steps: 30 }, rosenbrock: { learningRate: 0.005, steps: 850 } },
    gallery: { colour: '#52148f', learningRates: { rosenbrock: 0.005, beale: 0.02, saddle: 0.1 } },
    choose: 'Where the length of the training is not known: an average in the place of a schedule; evaluate at `evaluationParameters`.',
    elsewhere: { optax: 'optax.contrib.schedule_free_sgd(1.0)' },
    mnist: { learningRate: 1 },
  },
  scheduleFreeAdamw: {
    couples: 'elements',
    evaluatedApart: true,
    suite: { quadratic: { learningRate: 0.2, steps: 430 }, rosenbrock: { learningRate: 0.02, steps: 7200 } },
    gallery: { colour: '#7938a8', learningRates: { rosenbrock: 0.05, beale: 0.2, saddle: 0.1 } },
    choose: 'As AdamW with a schedule, without one; evaluate at `evaluationParameters`.',
    elsewhere: { optax: 'optax.contrib.schedule_free_adamw(2.5e-3)' },
    mnist: { learningRate: 0.01 },
  },
  scheduleFreeRadam: {
    couples: 'elements',
    evaluatedApart: true,
    suite: { quadratic: { learningRate: 1, steps: 360 }, rosenbrock: { learningRate: 0.02, steps: 4500, enough: 0.06 } },
    gallery: { colour: '#a93be3', learningRates: { rosenbrock: 0.1, beale: 1, saddle: 0.5 } },
    choose: 'As `scheduleFreeAdamw`, without a warm-up to choose.',
    elsewhere: {},
    mnist: { learningRate: 0.03 },
  },
} as const satisfies Readonly<Record<string, RuleRow>>;
