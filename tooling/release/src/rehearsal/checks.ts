// Single checks, each of which holds or does not: what they found, and how long they took.

export interface Outcome {
  /** The column of the report, such as `Node 22`. */
  readonly check: string;
  /** What is wrong; nothing, as a rule. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** Runs one check: it answers what is wrong, or throws. */
export async function check(name: string, work: () => Promise<readonly string[]>): Promise<Outcome> {
  const start = performance.now();
  const failures = await work().catch((error: unknown) => [error instanceof Error ? error.message : String(error)]);
  return { check: name, failures, seconds: (performance.now() - start) / 1000 };
}
