/** What the device has been given and may not have done yet: several steps, and not without bound. */

/** Steps or bytes between two questions whether the device has come so far. */
const STEPS_BETWEEN_FENCES = 4;
const BYTES_BETWEEN_FENCES = 2 ** 26;

/** Questions, and bytes before them, of which the answer may be outstanding when another step is given. */
const FENCES_IN_FLIGHT = 4;
const BYTES_IN_FLIGHT = 2 ** 28;

interface Fence {
  readonly passed: Promise<void>;
  readonly bytes: number;
}

export class InFlight {
  private readonly fences: Fence[] = [];
  /** Since the last fence. */
  private steps = 0;
  private bytes = 0;

  constructor(private readonly queue: GPUQueue) {}

  /** Counts bytes that are kept elsewhere until the device has come so far. */
  addBytes(bytes: number): void {
    this.bytes += bytes;
  }

  /** Counts a step that was submitted; now and then asks the device to tell when it has come so far. */
  addStep(): void {
    this.steps++;
    if (this.steps < STEPS_BETWEEN_FENCES && this.bytes < BYTES_BETWEEN_FENCES) return;
    const remove = (): void => {
      void this.fences.splice(this.fences.indexOf(fence), 1);
    };
    const fence: Fence = { passed: this.queue.onSubmittedWorkDone().then(remove, remove), bytes: this.bytes };
    this.fences.push(fence);
    this.steps = 0;
    this.bytes = 0;
  }

  /** Ends when another step may be submitted; undefined if it may be at once. */
  room(): Promise<void> | undefined {
    const bytes = this.fences.reduce((sum, fence) => sum + fence.bytes, 0);
    return this.fences.length >= FENCES_IN_FLIGHT || bytes >= BYTES_IN_FLIGHT ? this.fences[0]?.passed : undefined;
  }
}
