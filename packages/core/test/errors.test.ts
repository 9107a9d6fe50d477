import { describe, expect, it } from 'vitest';
import * as errors from '../src/errors.js';
import { input } from '../src/graph/input.js';

describe('errors', () => {
  it('are all PappusErrors, and carry the names of their classes', () => {
    for (const [name, ErrorClass] of Object.entries(errors)) {
      const error = new ErrorClass('text');
      expect([error.name, error.message, String(error)]).toEqual([name, 'text', `${name}: text`]);
      expect(error).toBeInstanceOf(errors.PappusError);
      expect(error).toBeInstanceOf(Error);
    }
  });

  it('can be caught as one kind: bad names, sizes and dtypes of an input', () => {
    expect(() => input('float32', ['a b'])).toThrow(errors.PappusError);
    expect(() => input('float32', [-2])).toThrow(errors.ShapeError);
    expect(() => input('int32', [2]).exp()).toThrow(errors.PappusError);
  });
});
