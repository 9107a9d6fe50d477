// What PyTorch answers at the edges of operations: torch-edges.json, which tooling/testing/data/torch-edges.py writes.
// Imported, so that pages have it, too.
import written from './torch-edges.json' with { type: 'json' };

export interface EdgeDerivatives {
  readonly y: readonly number[];
  readonly first: readonly number[];
  readonly second: readonly number[];
}

export interface EdgeCase {
  readonly shape: readonly number[];
  /** The operand, exact in float32. */
  readonly x: readonly number[];
  readonly float64: EdgeDerivatives;
  readonly float32: EdgeDerivatives;
}

type Written<T> = { readonly [K in keyof T]: T[K] extends readonly number[] ? readonly (number | string)[] : Written<T[K]> };

/** The cases by name. */
export function edgeCases(): Readonly<Record<string, EdgeCase>> {
  const cases: Readonly<Record<string, Written<EdgeCase>>> = written;
  return Object.fromEntries(
    Object.entries(cases).map(([name, { shape, x, float64, float32 }]) => [
      name,
      { shape: numbers(shape), x: numbers(x), float64: derivatives(float64), float32: derivatives(float32) },
    ]),
  );
}

function derivatives({ y, first, second }: Written<EdgeDerivatives>): EdgeDerivatives {
  return { y: numbers(y), first: numbers(first), second: numbers(second) };
}

/** Infinities and NaN are written as Python does. */
function numbers(written: readonly (number | string)[]): readonly number[] {
  return written.map((x) => (typeof x === 'number' ? x : ({ inf: Infinity, '-inf': -Infinity }[x] ?? NaN)));
}
