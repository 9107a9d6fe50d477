/** Shows how far a training is: a bar for each of its stages on a terminal, plain lines elsewhere. */
import { Presets, SingleBar } from 'cli-progress';

/** What is known after a step. */
export interface StepReport {
  /** From 1. */
  readonly stage: number;
  /** From 1, within the stage. */
  readonly step: number;
  /** How it goes, such as `loss 1.2000  accuracy 50.0 %`. */
  readonly figures: string;
  /** Samples learned from since the training began, over all stages. */
  readonly samples: number;
}

export interface Progress {
  step(report: StepReport): void;
  /** A stage, counted from 1, is over, and this is how it went. */
  stage(stage: number, figures: string): void;
  /** Takes the bar away, also after a failure. */
  stop(): void;
}

export interface ProgressOptions {
  /** What a stage is called, such as `epoch`. */
  readonly stage: string;
  readonly stages: number;
  readonly stepsPerStage: number;
  /** Samples of one stage. */
  readonly samplesPerStage: number;
  /** What is counted as a sample. Default `samples`. */
  readonly unit?: string;
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
  const { stage, stages, stepsPerStage, unit = 'samples', linesEvery = 100 } = options;
  const clock = stopwatch(options);
  return {
    step(report) {
      if (report.step % linesEvery !== 0) return;
      const { rate, left } = clock(report.samples);
      const place = `${stage} ${report.stage}/${stages}  step ${report.step}/${stepsPerStage}`;
      stream.write(`${place}  ${report.figures}  ${rate} ${unit}/s  ${left}\n`);
    },
    stage(number, figures) {
      stream.write(`${stage} ${number}/${stages}  ${figures}\n`);
    },
    stop() {},
  };
}

/** A line of the bar fits into 80 columns. */
function bar(options: ProgressOptions, stream: NodeJS.WritableStream): Progress {
  const { stage, stages, stepsPerStage } = options;
  const clock = stopwatch(options);
  let current: SingleBar | undefined;
  const stop = (): void => {
    current?.stop();
    current = undefined;
  };
  return {
    step(report) {
      const { rate, left } = clock(report.samples);
      const payload = { figures: report.figures, rate, left };
      if (current === undefined) {
        const format = `${stage} ${report.stage}/${stages} {bar} {value}/{total}  {figures}  {rate}/s  {left}`;
        const style = { format, barsize: 10, hideCursor: true, clearOnComplete: true, stream, fps: 15 };
        current = new SingleBar(style, Presets.shades_classic);
        current.start(stepsPerStage, report.step, payload);
      }
      current.update(report.step, payload);
    },
    stage(number, figures) {
      stop();
      stream.write(`${stage} ${number}/${stages}  ${figures}\n`);
    },
    stop,
  };
}

/** Samples per second and the time left, both over the whole training so far. */
function stopwatch({ stages, samplesPerStage, now = () => performance.now() }: ProgressOptions) {
  const begin = now();
  return (samples: number): { rate: string; left: string } => {
    const perSecond = samples / Math.max((now() - begin) / 1000, 1e-9);
    const left = (stages * samplesPerStage - samples) / perSecond;
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
