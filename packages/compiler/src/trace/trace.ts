/** What traces of both backends are made of: the times of kernels beside what they have to do, and entries for timelines. */
import type { KernelTime, KernelTimes } from '@pappus/core/backend';
import type { Kernel } from '../kernels/kernel.js';
import { kernelNames } from '../kernels/kernel-names.js';
import { kernelWork } from './kernel-work.js';
import type { ElementBytes } from '../memory/memory.js';
import { itemAt, lost, required } from '../required.js';

export { kernelWork, type KernelWork } from './kernel-work.js';

/** Steps of which times are kept. */
const KEPT_STEPS = 101;

/** Ticks of a clock that a median must be to be one; of fewer the mean says more: most of them are 0 or 1. */
const FEW_TICKS = 20;

/**
 * What one kernel took of a step; of one that runs in some steps alone, its part of all. The median of the last steps is that of the step itself: the first steps also make code fast, and others are
 * interrupted. Where the clock is too coarse for it, as those of browsers, it is the mean of all steps.
 */
export class Clock {
  private readonly steps: number[] = [];
  private count = 0;
  private idle = 0;
  private current: number | undefined;
  private total = 0;

  /**
   * @param tick the least time that the clock tells apart, in milliseconds
   * @param seldom whether the kernel runs in some steps alone: those are of interest in which it does
   */
  constructor(
    private readonly tick: number,
    private readonly seldom = false,
  ) {}

  /** Counts milliseconds of the step that is running. */
  add(milliseconds: number): void {
    this.current = (this.current ?? 0) + milliseconds;
  }

  /** Ends a step. */
  endStep(): void {
    if (this.current === undefined && this.seldom) {
      this.idle++;
      return;
    }
    const { current = 0 } = this;
    this.steps[this.count++ % KEPT_STEPS] = current;
    this.total += current;
    this.current = undefined;
  }

  /** In what part of the steps it ran. */
  get share(): number {
    return this.idle === 0 ? 1 : this.count / (this.count + this.idle);
  }

  /** Milliseconds of a step. */
  get milliseconds(): number {
    if (this.count === 0) return 0;
    const sorted = [...this.steps].sort((a, b) => a - b);
    const median = itemAt(sorted, Math.floor(sorted.length / 2), 'the time of step');
    return this.share * (median < FEW_TICKS * this.tick ? this.total / this.count : median);
  }
}

/** The least time that `performance.now()` tells apart, in milliseconds. */
function tickOfClock(): number {
  const start = performance.now();
  let now = start;
  while (now === start) now = performance.now();
  return now - start;
}

/** The clocks of all kernels of a program, by their names. */
export class Clocks {
  /** Steps that were measured. */
  steps = 0;
  private readonly clocks = new Map<string, Clock>();

  /**
   * Clocks that have measured nothing.
   *
   * @param elementBytes bytes of an element on the backend
   */
  constructor(
    private readonly kernels: readonly Kernel[],
    private readonly elementBytes?: ElementBytes,
  ) {
    const tick = tickOfClock();
    const names = kernelNames(kernels);
    const add = (kernel: Kernel, seldom: boolean): void => {
      if (kernel.kind === 'scan') for (const inside of kernel.kernels) add(inside, seldom);
      else this.clocks.set(required(names.get(kernel), 'the name of a kernel'), new Clock(tick, seldom));
    };
    for (const kernel of kernels) add(kernel, kernel.when !== undefined);
  }

  /** The clock of a kernel, by its name within the program. */
  of(name: string): Clock {
    return this.clocks.get(name) ?? lost(`the clock of the kernel ${name}`);
  }

  /** What was added to any is that of one step. */
  endStep(): void {
    for (const clock of this.clocks.values()) clock.endStep();
    this.steps++;
  }

  /** The kernels with their times, those inside of a scan in its place. */
  times(): KernelTimes {
    const names = kernelNames(this.kernels);
    const visit = (list: readonly Kernel[], calls: number): KernelTime[] =>
      list.flatMap((kernel) => {
        if (kernel.kind === 'scan') return visit(kernel.kernels, calls * kernel.count);
        const label = required(names.get(kernel), 'the name of a kernel');
        const { milliseconds, share } = this.of(label);
        return [{ label, milliseconds, calls: calls * share, ...kernelWork(kernel, this.elementBytes) }];
      });
    return { steps: this.steps, kernels: this.steps === 0 ? [] : visit(this.kernels, 1) };
  }
}

/** Entries of one function: a run of days does not fill up the memory with them. */
const MOST_ENTRIES = 100_000;

/** Entries of `performance.measure`, which Chrome's and Edge's timelines show in tracks of their own, and `PerformanceObserver` sees. */
export class Timeline {
  private entries = 0;

  /**
   * An entry.
   *
   * @param start and `end` in milliseconds, as `performance.now()` gives them
   */
  add(name: string, track: 'steps' | 'kernels', start: number, end: number): void {
    if (this.entries === MOST_ENTRIES) return;
    this.entries++;
    // https://developer.chrome.com/docs/devtools/performance/extension
    performance.measure(name, { start, end, detail: { devtools: { dataType: 'track-entry', track, trackGroup: 'Pappus' } } });
  }
}
