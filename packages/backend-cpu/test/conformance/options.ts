// What the CPU backend promises.
import type { ConformanceOptions } from '@pappus/testing/conformance';

/** The worst elementary function is off by 4 units in the last place, and the definition itself by one. */
export const options: ConformanceOptions = {
  dtypes: ['float32', 'float64', 'int32', 'bool'],
  tolerance: { float32: 4e-7, float64: 1.2e-15 },
};
