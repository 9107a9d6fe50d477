import { PassThrough } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { createProgress, minutes, percent } from '../src/progress.js';

describe('createProgress without a terminal', () => {
  it('prints a line each so many steps and one for the epoch', () => {
    const stream = new PassThrough();
    let time = 0;
    const shape = { epochs: 2, stepsPerEpoch: 5, samplesPerEpoch: 1000 };
    const progress = createProgress({ ...shape, stream, linesEvery: 2, now: () => time });
    for (let step = 1; step <= 5; step++) {
      time = 100 * step;
      progress.step({ epoch: 1, step, loss: 2 / step, accuracy: step / 8, samples: 200 * step });
    }
    progress.epoch({ epoch: 1, loss: 0.9, trainAccuracy: 0.5, testAccuracy: 0.625 });
    progress.stop();
    expect(String(stream.read())).toBe(
      [
        'epoch 1/2  step 2/5  loss 1.0000  accuracy 25.0 %  2,000 samples/s  0:01 left',
        'epoch 1/2  step 4/5  loss 0.5000  accuracy 50.0 %  2,000 samples/s  0:01 left',
        'epoch 1/2  loss 0.9000  training accuracy 50.00 %  test accuracy 62.50 %',
        '',
      ].join('\n'),
    );
  });
});

describe('createProgress on a terminal', () => {
  it('draws a bar that it clears when the epoch ends', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true });
    const progress = createProgress({ epochs: 1, stepsPerEpoch: 2, samplesPerEpoch: 20, stream, now: () => 0 });
    progress.step({ epoch: 1, step: 1, loss: 1.5, accuracy: 0.5, samples: 10 });
    progress.step({ epoch: 1, step: 2, loss: 1.25, accuracy: 0.75, samples: 20 });
    progress.epoch({ epoch: 1, loss: 1.4, trainAccuracy: 0.75, testAccuracy: 0.875 });
    const text = String(stream.read());
    expect(text).toContain('1/2  loss 1.5000  accuracy 50.0 %');
    expect(text.endsWith('epoch 1/1  loss 1.4000  training accuracy 75.00 %  test accuracy 87.50 %\n')).toBe(true);
  });
});

describe('figures', () => {
  it('shows seconds as minutes and parts as per cent', () => {
    expect([0, 5, 59.2, 60, 61, 600].map(minutes)).toEqual(['0:00', '0:05', '1:00', '1:00', '1:01', '10:00']);
    expect(percent(0.97531)).toBe('97.53 %');
  });
});
