/** Trains with more than one rule for all: `pnpm run learned-rate` learns the rate itself, `pnpm run groups` has groups, schedules and an average. */
import { backends } from '../backends.js';
import { runCommand } from '../command.js';
import { loadMnist, take } from '../mnist/data.js';
import { OptionError } from '../options.js';
import { percent } from '../progress.js';
import { trainGroups } from './groups.js';
import { learnRate } from './learned-rate.js';

const programs: Readonly<Record<string, () => Promise<void>>> = { 'learned-rate': learnedRate, groups };

await runCommand(async () => {
  const [name = ''] = process.argv.slice(2);
  const run = programs[name];
  if (run === undefined) throw new OptionError(`There is no program '${name}'; there are ${Object.keys(programs).join(', ')}.`);
  await run();
});

async function learnedRate(): Promise<void> {
  const { train } = loadMnist();
  const [learnFrom, heldOut] = [take(train, 50_000), { ...train, count: 10_000, images: train.images.subarray(50_000 * train.pixels), labels: train.labels.subarray(50_000) }];
  console.log('Softmax regression on MNIST: five steps of gradient descent are unrolled at a time, and the rate follows the gradient of the held-out loss');
  const rounds = await learnRate({ train: learnFrom, heldOut, unrolled: 5, batch: 128, learningRate: 1e-3, rateOfTheRate: 0.1, rounds: 150, seed: 1, backend: await backends.cpu() });
  for (const [round, { learningRate, heldOutLoss }] of rounds.entries()) {
    if (round % 10 === 9) console.log(`${String(5 * (round + 1)).padStart(4)} steps  rate ${learningRate.toFixed(4)}  held-out loss ${heldOutLoss.toFixed(4)}`);
  }
}

async function groups(): Promise<void> {
  console.log('A perceptron on MNIST: its first layer frozen, the second by AdamW with a warm-up and a cosine, the last by momentum with a line down to 0');
  const { losses, atTheLast, atTheAverage, frozenMoved } = await trainGroups({ ...loadMnist(), epochs: 1, batch: 128, seed: 1, backend: await backends.cpu() });
  console.log(`${losses.length} steps, the last loss ${(losses.at(-1) ?? NaN).toFixed(4)}; the frozen layer moved by ${frozenMoved}`);
  console.log(`Test accuracy ${percent(atTheLast)} at the last weights, ${percent(atTheAverage)} at their average`);
}
