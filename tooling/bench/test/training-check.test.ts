import { expect, it } from 'vitest';
import { WrongResult } from '../src/contender.js';
import { pappus } from '../src/contenders/pappus.js';
import { checkedCnn, cnnProblem } from '../src/problems/cnn.js';
import { trainingContender, type TrainingProblem } from '../src/problems/training.js';
import { checkedTransformer, transformerProblem } from '../src/problems/transformer.js';

interface Sized extends TrainingProblem<number> {
  readonly size: number;
}

/** Its batches are the losses that a right contender answers with. */
const problem = (size: number): Sized => ({ size, parameters: [], batches: [4, 3, 2, 1].map((loss) => loss * size) });
const checked = () => ({ problem: problem(10), small: problem(1), reference: async () => [4, 3, 2, 1] });
const contender = (pair: ReturnType<typeof checked>, factor: (problem: Sized) => number) =>
  trainingContender<number, Sized>('plain', pair, (given) => ({
    setup: async () => undefined,
    train: (loss) => loss * factor(given),
    dispose: () => undefined,
  }));

it('lets a contender pass that takes the steps of the reference, and of the contender before it', async () => {
  const pair = checked();
  await expect(contender(pair, () => 1).check()).resolves.toBeUndefined();
  await expect(contender(pair, () => 1 + 1e-5).check()).resolves.toBeUndefined();
});

it('refuses one that is wrong on the small problem', async () => {
  await expect(contender(checked(), ({ size }) => (size === 1 ? 1.0001 : 1)).check()).rejects.toThrow(
    new WrongResult('plain, small problem: loss of step 1 is 4.0004, expected 4'),
  );
});

it('refuses one that is wrong on the timed problem only', async () => {
  const pair = checked();
  await contender(pair, () => 1).check();
  await expect(contender(pair, ({ size }) => (size === 1 ? 1 : 1.0001)).check()).rejects.toThrow('plain: loss of step 1 is 40.004');
});

it('refuses a loss that is no number', async () => {
  await expect(contender(checked(), () => NaN).check()).rejects.toThrow(WrongResult);
  await expect(contender(checked(), () => NaN).step()).rejects.toThrow('plain: the loss became NaN');
});

it('checks the transformer compiled for the CPU against the interpreter', async () => {
  const sizes = { vocabulary: 13, length: 8, batch: 2, layers: 2, heads: 2, width: 16, hidden: 32 };
  const transformer = pappus.transformer?.(checkedTransformer(transformerProblem(sizes)));
  await transformer?.setup();
  await expect(transformer?.check()).resolves.toBeUndefined();
  await expect(transformer?.step()).resolves.toBeUndefined();
});

it.each([false, true])('checks the convolutional network compiled for the CPU against the interpreter, learning: %s', async (learns) => {
  const cnn = pappus.cnn?.(checkedCnn(cnnProblem({ batch: 4, side: 16, filters: [4, 8], classes: 10 }, learns)));
  await cnn?.setup();
  await expect(cnn?.check()).resolves.toBeUndefined();
});
