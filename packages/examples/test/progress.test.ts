import { PassThrough } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { createProgress, minutes, percent } from '../src/progress.js';

describe('createProgress without a terminal', () => {
  it('prints a line each so many steps and one for the epoch', () => {
    const stream = new PassThrough();
    let time = 0;
    const shape = { stage: 'epoch', stages: 2, stepsPerStage: 5, samplesPerStage: 1000 };
    const progress = createProgress({ ...shape, stream, linesEvery: 2, now: () => time });
    for (let step = 1; step <= 5; step++) {
      time = 100 * step;
      progress.step({ stage: 1, step, figures: `loss ${2 / step}`, samples: 200 * step });
    }
    progress.stage(1, 'loss 0.9  test accuracy 62.50 %');
    progress.stop();
    expect(String(stream.read())).toBe(
      [
        'epoch 1/2  step 2/5  loss 1  2,000 samples/s  0:01 left',
        'epoch 1/2  step 4/5  loss 0.5  2,000 samples/s  0:01 left',
        'epoch 1/2  loss 0.9  test accuracy 62.50 %',
        '',
      ].join('\n'),
    );
  });
});

describe('createProgress on a terminal', () => {
  it('draws a bar that it clears when the epoch ends', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true });
    const progress = createProgress({ stage: 'part', stages: 1, stepsPerStage: 2, samplesPerStage: 20, stream, now: () => 0 });
    progress.step({ stage: 1, step: 1, figures: 'loss 1.5000', samples: 10 });
    progress.step({ stage: 1, step: 2, figures: 'loss 1.2500', samples: 20 });
    progress.stage(1, 'loss 1.4000');
    const text = String(stream.read());
    expect(text).toContain('1/2  loss 1.5000');
    expect(text.endsWith('part 1/1  loss 1.4000\n')).toBe(true);
  });
});

describe('figures', () => {
  it('shows seconds as minutes and parts as per cent', () => {
    expect([0, 5, 59.2, 60, 61, 600].map(minutes)).toEqual(['0:00', '0:05', '1:00', '1:00', '1:01', '10:00']);
    expect(percent(0.97531)).toBe('97.53 %');
  });
});
