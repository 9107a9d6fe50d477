/** The functions of two variables that the gallery draws, each as mathematics on expressions and on numbers. */
import type { SurfaceName } from '@pappus/rule-table';
import type { Expr } from 'pappus';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Surface {
  readonly name: SurfaceName;
  readonly title: string;
  readonly formula: string;
  /** The function, of two scalars. */
  readonly loss: (x: Expr, y: Expr) => Expr;
  /** The same, on numbers. */
  readonly height: (x: number, y: number) => number;
  readonly start: Point;
  readonly minima: readonly Point[];
  /** What is drawn: the corners with the smallest and the largest coordinates. */
  readonly view: readonly [Point, Point];
  /** Brings heights to a scale on which evenly spaced contours show the shape. */
  readonly scale: (height: number) => number;
  readonly steps: number;
}

const rosenbrock: Surface = {
  name: 'rosenbrock',
  title: "Rosenbrock's valley",
  formula: '(1 − x)² + 100 (y − x²)²',
  loss: (x, y) => x.sub(1).square().add(y.sub(x.square()).square().mul(100)),
  height: (x, y) => (1 - x) ** 2 + 100 * (y - x ** 2) ** 2,
  start: { x: -1.2, y: 1.6 },
  minima: [{ x: 1, y: 1 }],
  view: [{ x: -2, y: -0.75 }, { x: 2, y: 2.25 }],
  scale: (height) => Math.log10(height + 0.1),
  steps: 2000,
};

const beale: Surface = {
  name: 'beale',
  title: "Beale's function",
  formula: '(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²',
  loss: (x, y) => {
    const term = (constant: number, power: Expr): Expr => x.mul(power).sub(x).add(constant).square();
    return term(1.5, y).add(term(2.25, y.square())).add(term(2.625, y.square().mul(y)));
  },
  height: (x, y) => (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2,
  start: { x: 1, y: 1.5 },
  minima: [{ x: 3, y: 0.5 }],
  view: [{ x: -0.5, y: -1.5 }, { x: 4.5, y: 2.25 }],
  scale: (height) => Math.log10(height + 0.1),
  steps: 1000,
};

const saddle: Surface = {
  name: 'saddle',
  title: 'A saddle between two minima',
  formula: 'x² − y² + y⁴ / 2 + 1/2',
  loss: (x, y) => x.square().sub(y.square()).add(y.square().square().mul(0.5)).add(0.5),
  height: (x, y) => x ** 2 - y ** 2 + y ** 4 / 2 + 0.5,
  start: { x: -1.5, y: 0.02 },
  minima: [{ x: 0, y: 1 }, { x: 0, y: -1 }],
  view: [{ x: -2, y: -1.5 }, { x: 2, y: 1.5 }],
  scale: (height) => Math.sqrt(height),
  steps: 300,
};

export const surfaces = { rosenbrock, beale, saddle } as const satisfies Readonly<Record<SurfaceName, Surface>>;
