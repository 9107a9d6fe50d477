import { describe, expect, it } from 'vitest';
import { BackendError, DisposedError, GraphError, InputError } from '../../src/errors.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import type { Backend, Executable, PrintOptions } from '../../src/run/backend.js';
import { compile } from '../../src/run/compile.js';
import { printProgram } from '../../src/run/print-program.js';

const x = input('float32', ['n'], 'x');
const spec = { inputs: { x }, outputs: { y: x.mul(2) } };

/** A backend whose programs say for which sizes they are, and what they were asked. */
function printing(): Backend {
  const backend = interpreter();
  const { prepare } = backend;
  backend.prepare = async (computation, sizes): Promise<Executable> => {
    const executable = await prepare.call(backend, computation, sizes);
    executable.print = (options: PrintOptions): Promise<string> => Promise.resolve(`n = ${sizes.get('n') ?? '?'}, ${JSON.stringify(options)}`);
    return executable;
  };
  return backend;
}

/** Calls it as JavaScript can. */
const ask = (...given: readonly unknown[]): unknown => Reflect.apply(printProgram, undefined, given);

describe('printProgram', () => {
  it('shows the program that ran last, or that is compiled', async () => {
    const f = await compile(spec, printing(), { sizes: { n: 5 } });
    expect(await printProgram(f)).toBe('n = 5, {}');
    await f({ x: [1, 2] });
    expect(await printProgram(f, { code: true })).toBe('n = 2, {"code":true}');
    await f({ x: [1, 2, 3, 4, 5] });
    expect(await printProgram(f, { code: false })).toBe('n = 5, {"code":false}');
  });

  it('says what to do where sizes are open and nothing was called', async () => {
    const f = await compile(spec, printing());
    await expect(printProgram(f)).rejects.toThrow(new GraphError('the program is known once its sizes are: call the function first, or give compile the option { sizes }'));
  });

  it('says what to do on a backend that has nothing to show', async () => {
    const f = await compile(spec, interpreter(), { sizes: { n: 2 } });
    await expect(printProgram(f)).rejects.toThrow(
      new BackendError('printProgram: the backend interpreter has no program to show; compile for another one, as await cpu(), or show the graph itself with print(...)'),
    );
  });

  it('refuses what is no compiled function, and options that there are not', async () => {
    const f = await compile(spec, printing(), { sizes: { n: 2 } });
    await expect(ask(compile(spec, printing()))).rejects.toThrow(new GraphError('printProgram: takes a function that compile has answered, not a promise; await it first'));
    await expect(ask(x)).rejects.toThrow(new GraphError('printProgram: takes a function that compile has answered, not input x float32[n]'));
    await expect(ask(() => 1)).rejects.toThrow(new GraphError('printProgram: takes a function that compile has answered, not a function that this copy of @pappus/core has not compiled'));
    await expect(ask(f, { wat: true })).rejects.toThrow(new InputError("printProgram: there is no option 'wat'; the options are code"));
    await expect(ask(f, { code: 'wgsl' })).rejects.toThrow(new InputError("printProgram: the option code must be true or false, not 'wgsl'"));
  });

  it('shows nothing of a function that was disposed of', async () => {
    const f = await compile(spec, printing(), { sizes: { n: 2 } });
    f.dispose();
    await expect(printProgram(f)).rejects.toThrow(DisposedError);
  });
});
