import { InputError } from '@pappus/core';
import { expect, it } from 'vitest';
import { cpu } from '../src/index.js';

it('takes the options that there are, and refuses others by name', async () => {
  expect((await cpu({ debug: false })).name).toBe('cpu');
  for (const options of [{ threads: 4 }, { debug: 'yes' }, null, 3, []]) {
    await expect(Reflect.apply(cpu, undefined, [options])).rejects.toThrow(InputError);
  }
});
