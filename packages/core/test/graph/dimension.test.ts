import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDimensions,
  bindDimension,
  type Dimension,
  dimension,
  divideDimensions,
  multiplyDimensions,
  OpenDimension,
  openNames,
  productOfDimensions,
  subtractDimensions,
} from '../../src/graph/dimension.js';
import { GraphError, ShapeError } from '../../src/errors.js';
import { CASES } from '../gradients/finite-differences.js';

const [batch, time] = [dimension('batch'), dimension('time')];
const sizes = new Map([['batch', 5], ['time', 7]]);

/** A polynomial in batch and time, built from small numbers by additions and multiplications. */
const polynomials: fc.Arbitrary<Dimension> = fc.letrec<{ d: Dimension }>((tie) => ({
  d: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom(batch, time),
    fc.tuple(tie('d'), tie('d')).map(([a, b]) => addDimensions(a, b)),
    fc.tuple(tie('d'), tie('d')).map(([a, b]) => multiplyDimensions(a, b)),
  ),
})).d;

describe('dimensions', () => {
  it('are the same object where they are the same polynomial', () => {
    expect(multiplyDimensions(batch, time)).toBe(multiplyDimensions(time, batch));
    expect(addDimensions(addDimensions(batch, 1), -1)).toBe(batch);
    expect(multiplyDimensions(addDimensions(batch, time), addDimensions(batch, time))).toBe(
      addDimensions(addDimensions(multiplyDimensions(batch, batch), multiplyDimensions(2, multiplyDimensions(batch, time))), multiplyDimensions(time, time)),
    );
  });

  it('are plain numbers where no name is left', () => {
    expect(subtractDimensions(batch, batch)).toBe(0);
    expect(addDimensions(subtractDimensions(batch, batch), 3)).toBe(3);
    expect(multiplyDimensions(batch, 0)).toBe(0);
    expect([addDimensions(2, 3), multiplyDimensions(2, 3), subtractDimensions(2, 3), productOfDimensions([])]).toEqual([5, 6, -1, 1]);
  });

  it('are written with higher degrees first and the constant last', () => {
    const d = addDimensions(multiplyDimensions(2, multiplyDimensions(time, batch)), subtractDimensions(time, 3));
    expect(String(d)).toBe('2*batch*time + time - 3');
    expect(String(subtractDimensions(4, batch))).toBe('-batch + 4');
    expect(String(multiplyDimensions(batch, batch))).toBe('batch*batch');
  });

  it('bind to what arithmetic on the sizes gives', () => {
    fc.assert(
      fc.property(polynomials, polynomials, (a, b) => {
        const [x, y] = [bindDimension(a, sizes), bindDimension(b, sizes)];
        expect(bindDimension(addDimensions(a, b), sizes)).toBe(x + y);
        expect(bindDimension(multiplyDimensions(a, b), sizes)).toBe(x * y);
        expect(bindDimension(subtractDimensions(addDimensions(a, b), b), sizes)).toBe(x);
      }),
      CASES,
    );
  });

  it('divide exactly, or not at all', () => {
    expect(divideDimensions(multiplyDimensions(multiplyDimensions(batch, time), 6), multiplyDimensions(2, time))).toBe(multiplyDimensions(3, batch));
    expect(divideDimensions(addDimensions(multiplyDimensions(batch, time), multiplyDimensions(2, time)), time)).toBe(addDimensions(batch, 2));
    expect(divideDimensions(addDimensions(batch, 1), addDimensions(batch, 1))).toBe(1);
    expect([divideDimensions(12, 4), divideDimensions(0, 4), divideDimensions(batch, batch)]).toEqual([3, 0, 1]);
    for (const [a, b] of [[7, 2], [0, 0], [0, batch], [5, 0], [batch, 2], [batch, time], [addDimensions(batch, 1), batch], [time, addDimensions(batch, 1)]] as const) {
      expect(divideDimensions(a, b), `${String(a)} / ${String(b)}`).toBeUndefined();
    }
  });

  it('undo a multiplication by a single term', () => {
    fc.assert(
      fc.property(polynomials, fc.constantFrom<Dimension>(1, 3, batch, multiplyDimensions(2, time), multiplyDimensions(batch, time)), (a, b) => {
        fc.pre(a !== 0);
        expect(divideDimensions(multiplyDimensions(a, b), b)).toBe(a);
      }),
      CASES,
    );
  });

  it('know the names that they depend on', () => {
    expect(openNames(addDimensions(multiplyDimensions(batch, time), batch)).sort()).toEqual(['batch', 'time']);
    expect(openNames(3)).toEqual([]);
    expect(batch).toBe(OpenDimension.of([['batch', 1]]));
  });

  it('are refused where they are no size and no name', () => {
    expect(() => dimension(-1)).toThrow(new ShapeError('a size must be a whole number of at least 0, not -1'));
    expect(() => dimension(1.5)).toThrow(/not 1\.5/);
    expect(() => dimension('my batch')).toThrow(new ShapeError("'my batch' is no name for an open dimension; use letters, digits and _, such as 'batch'"));
    expect(() => dimension('')).toThrow(ShapeError);
  });

  it('have no size while a name is unbound, and none below 0', () => {
    expect(() => bindDimension(batch, new Map())).toThrow(new GraphError("the open dimension 'batch' has no size: no input has it"));
    expect(() => bindDimension(subtractDimensions(batch, 6), sizes)).toThrow(new ShapeError('the dimension batch - 6 is -1 for the sizes given'));
  });
});
