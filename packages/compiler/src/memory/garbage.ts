/**
 * Memory that the engine does not see, and its garbage collector. Tensors lie in memory of WebAssembly or of a GPU; what stands for them in
 * JavaScript is small, and gives the engine no reason to collect what nobody holds. So each has a weight beside it: an ArrayBuffer of its
 * size, which counts as its bytes do and takes none, since nobody touches it. And where there is no room, it is worth while to wait for a
 * collection. Finalizers run when the engine has nothing else to do: not while code goes on from one resolved promise to the next.
 */

/** What is smaller is weighed together with what comes after it. */
const LEAST_WEIGHT = 2 ** 20;

/** What may be given out before finalizers get time to run. */
const BYTES_BETWEEN_PAUSES = 2 ** 28;

/** What is asked of the engine, one after the other, until there is room: half of the largest heap has it collect all at once. */
const PRESSURES = [2 ** 31, 2 ** 32, 2 ** 32];

let unweighed = 0;
let sincePause = 0;

/** What to hold beside a tensor of so many bytes, as long as it; undefined where it is weighed with others. */
export function weightOf(bytes: number): object | undefined {
  unweighed += bytes;
  if (unweighed < LEAST_WEIGHT) return undefined;
  const weight = untouched(unweighed);
  unweighed = 0;
  return weight;
}

/**
 * An ArrayBuffer whose pages stay untouched. One that can be resized is reserved from the system, which fills pages as they are touched;
 * an ordinary one may come from memory that was used before, and is then filled with zeros.
 */
function untouched(bytes: number): object | undefined {
  try {
    const buffer: unknown = Reflect.construct(ArrayBuffer, [bytes, { maxByteLength: bytes }]);
    return buffer instanceof ArrayBuffer ? buffer : undefined;
  } catch (error) {
    // Without it all goes on, but for the engine's reason to collect.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Lets what waits in the engine run: finalizers, messages. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel === 'undefined') {
      setTimeout(resolve, 0);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Counts bytes that are given out, where one may wait; now and then it is time for a pause. */
export function pauseAfter(bytes: number): Promise<void> | undefined {
  sincePause += bytes;
  if (sincePause < BYTES_BETWEEN_PAUSES) return undefined;
  sincePause = 0;
  return pause();
}

/**
 * What an attempt answers, which is made again after garbage was collected where there was no room.
 *
 * @param attempt changes nothing if it fails
 * @param isFull whether it failed for want of memory
 */
export async function withRoom<T>(attempt: () => T | Promise<T>, isFull: (error: unknown) => boolean): Promise<T> {
  for (const pressure of PRESSURES) {
    try {
      return await attempt();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    await collect(pressure);
  }
  return attempt();
}

async function collect(pressure: number): Promise<void> {
  untouched(pressure);
  for (let k = 0; k < 3; k++) await pause();
}
