/** Python with torch, on one thread, beside the others. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What Python answers to a question. */
type Answer = Readonly<Record<string, unknown>>;

/** A Python process with torch, which stays: what it takes is timed inside of it. */
export class Torch {
  private readonly waiting: ((answer: Answer | undefined) => void)[] = [];

  private constructor(private readonly python: ChildProcessWithoutNullStreams) {
    createInterface({ input: python.stdout }).on('line', (line) => this.waiting.shift()?.(JSON.parse(line) as Answer));
    const ended = (): void => {
      for (const resolve of this.waiting.splice(0)) resolve(undefined);
    };
    python.on('error', ended);
    python.on('exit', ended);
    python.stdin.on('error', ended);
  }

  /**
   * Its version, and the process; undefined where there is no Python with torch.
   *
   * @param script says a version of torch first, and then answers every line that it is asked, JSON both
   */
  static async start(script: string): Promise<{ readonly version: string; readonly torch: Torch } | undefined> {
    const torch = new Torch(spawn('python3', ['-c', script]));
    const hello = await new Promise<Answer | undefined>((resolve) => torch.waiting.push(resolve));
    if (typeof hello?.['version'] === 'string') return { version: hello['version'], torch };
    torch.stop();
    return undefined;
  }

  async ask(question: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = await new Promise<Answer | undefined>((resolve) => {
      this.waiting.push(resolve);
      this.python.stdin.write(`${JSON.stringify(question)}\n`);
    });
    if (answer === undefined) throw new Error('Python has ended.');
    const { error } = answer;
    if (typeof error === 'string') throw new Error(`torch: ${error}`);
    return answer;
  }

  stop(): void {
    this.python.stdin.end();
  }
}
