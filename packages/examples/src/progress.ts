/** Shows how far a training is: a bar for each epoch on a terminal, plain lines elsewhere. */
import { Presets, SingleBar } from 'cli-progress';

/** What is known after a step. */
export interface StepReport {
  /** From 1. */
  readonly epoch: number;
  /** From 1, within the epoch. */
  readonly step: number;
  /** The loss, smoothed over the last steps. */
  readonly loss: number;
  /** The part of this epoch's samples so far that were classified rightly, before the step that learned from them. */
  readonly accuracy: number;
  /** Samples learned from since the training began, over all epochs. */
  readonly samples: number;
}

export interface EpochReport {
  readonly epoch: number;
  /** The mean loss over the epoch's samples. */
  readonly loss: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}

export interface Progress {
  step(report: StepReport): void;
  epoch(report: EpochReport): void;
  /** Takes the bar away, also after a failure. */
  stop(): void;
}

export interface ProgressOptions {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Samples of one epoch. */
  readonly samplesPerEpoch: number;
  /** Standard output where none is given. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Where no terminal is: a line each so many steps. */
  readonly linesEvery?: number;
  /** Milliseconds, from any origin. */
  readonly now?: () => number;
}

export function createProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stdout;
  return stream.isTTY === true ? bar(options, stream) : lines(options, stream);
}

function lines(options: ProgressOptions, stream: NodeJS.WritableStream): Progress {
  const { epochs, stepsPerEpoch, linesEvery = 100 } = options;
  const clock = stopwatch(options);
  return {
    step(report) {
      if (report.step % linesEvery !== 0) return;
      const { rate, left } = clock(report.samples);
      const place = `epoch ${report.epoch}/${epochs}  step ${report.step}/${stepsPerEpoch}`;
      stream.write(`${place}  ${figures(report)}  ${rate} samples/s  ${left}\n`);
    },
    epoch(report) {
      stream.write(epochLine(report, epochs));
    },
    stop() {},
  };
}

/** A line of the bar fits into 80 columns. */
function bar(options: ProgressOptions, stream: NodeJS.WritableStream): Progress {
  const { epochs, stepsPerEpoch } = options;
  const clock = stopwatch(options);
  let current: SingleBar | undefined;
  const stop = (): void => {
    current?.stop();
    current = undefined;
  };
  return {
    step(report) {
      const { rate, left } = clock(report.samples);
      const payload = { figures: figures(report), rate, left };
      if (current === undefined) {
        const format = `epoch ${report.epoch}/${epochs} {bar} {value}/{total}  {figures}  {rate}/s  {left}`;
        const style = { format, barsize: 10, hideCursor: true, clearOnComplete: true, stream, fps: 15 };
        current = new SingleBar(style, Presets.shades_classic);
        current.start(stepsPerEpoch, report.step, payload);
      }
      current.update(report.step, payload);
    },
    epoch(report) {
      stop();
      stream.write(epochLine(report, epochs));
    },
    stop,
  };
}

/** Samples per second and the time left, both over the whole training so far. */
function stopwatch({ epochs, samplesPerEpoch, now = () => performance.now() }: ProgressOptions) {
  const begin = now();
  return (samples: number): { rate: string; left: string } => {
    const perSecond = samples / Math.max((now() - begin) / 1000, 1e-9);
    const left = (epochs * samplesPerEpoch - samples) / perSecond;
    return { rate: Math.round(perSecond).toLocaleString('en'), left: `${minutes(left)} left` };
  };
}

/** Seconds as m:ss. */
export function minutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A part of one, in per cent. */
export function percent(part: number, digits = 2): string {
  return `${(100 * part).toFixed(digits)} %`;
}

function figures({ loss, accuracy }: StepReport): string {
  return `loss ${loss.toFixed(4)}  accuracy ${percent(accuracy, 1)}`;
}

function epochLine(report: EpochReport, epochs: number): string {
  const { epoch, loss, trainAccuracy, testAccuracy } = report;
  const accuracies = `training accuracy ${percent(trainAccuracy)}  test accuracy ${percent(testAccuracy)}`;
  return `epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}  ${accuracies}\n`;
}
