/** A WebAssembly module under construction: functions with locals and structured control flow, one imported memory. */
import { CONTROL, TYPE_CODES } from './control.js';
import { ByteSink } from './encoding.js';
import { i32, type Statement, type Value, type ValueType } from './instructions.js';

const EMPTY_BLOCK = 0x40;
/** The part of the custom section `name` that names functions (spec, appendix: custom sections). */
const FUNCTION_NAMES = 1;

/** A local variable; as a value, it reads itself. */
export interface Local<T extends ValueType = ValueType> extends Value<T> {
  readonly index: number;
}

/** A target of `branch`. */
export interface Label {
  readonly depth: number;
}

/** A function of the module, known before its body is written so that others can call it. */
export interface WasmFunction<R extends ValueType | undefined = ValueType | undefined> {
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly result: R;
}

export class FunctionBuilder {
  private readonly body = new ByteSink();
  private readonly locals: ValueType[] = [];
  private depth = 0;

  constructor(private readonly parameterCount: number) {}

  /** A new local, zero until it is set. */
  local<T extends ValueType>(type: T): Local<T> {
    const index = this.parameterCount + this.locals.length;
    this.locals.push(type);
    return localValue(index, type);
  }

  /** Evaluates now and names the result, so that it can be used many times. */
  let<T extends ValueType>(value: Value<T>): Local<T> {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  set<T extends ValueType>(local: Local<T>, value: Value<T>): void {
    value.emit(this.body);
    this.body.byte(CONTROL['local.set']);
    this.body.unsigned(local.index);
  }

  emit(statement: Statement): void {
    statement.emit(this.body);
  }

  /** Calls a function that has no result. */
  run(callee: WasmFunction<undefined>, ...args: readonly Value[]): void {
    for (const arg of args) arg.emit(this.body);
    this.body.byte(CONTROL.call);
    this.body.unsigned(callee.index);
  }

  /** Leaves the block when branched to. */
  block(body: (end: Label) => void): void {
    this.structure(CONTROL.block, body);
  }

  /** Starts again when branched to; falls through at the end. */
  loop(body: (start: Label) => void): void {
    this.structure(CONTROL.loop, body);
  }

  if(condition: Value<'i32'>, then: () => void, otherwise?: () => void): void {
    condition.emit(this.body);
    this.structure(CONTROL.if, () => {
      then();
      if (otherwise !== undefined) {
        this.body.byte(CONTROL.else);
        otherwise();
      }
    });
  }

  branch(label: Label): void {
    this.body.byte(CONTROL.br);
    this.body.unsigned(this.depth - label.depth);
  }

  branchIf(label: Label, condition: Value<'i32'>): void {
    condition.emit(this.body);
    this.body.byte(CONTROL.br_if);
    this.body.unsigned(this.depth - label.depth);
  }

  /** Ends the program where it is reached. */
  unreachable(): void {
    this.body.byte(CONTROL.unreachable);
  }

  return(value?: Value): void {
    value?.emit(this.body);
    this.body.byte(CONTROL.return);
  }

  /** `for (; counter < end; counter += step) body()`; signed; the test comes first. */
  whileLess(counter: Local<'i32'>, end: Value<'i32'>, step: number, body: () => void): void {
    this.if(i32.ltS(counter, end), () => {
      this.loop((again) => {
        body();
        this.set(counter, i32.add(counter, i32.const(step)));
        this.branchIf(again, i32.ltS(counter, end));
      });
    });
  }

  encode(out: ByteSink): void {
    out.sized((code) => {
      const runs: { type: ValueType; count: number }[] = [];
      for (const type of this.locals) {
        const last = runs.at(-1);
        if (last?.type === type) last.count++;
        else runs.push({ type, count: 1 });
      }
      code.unsigned(runs.length);
      for (const { type, count } of runs) {
        code.unsigned(count);
        code.byte(TYPE_CODES[type]);
      }
      code.raw(this.body.view());
      code.byte(CONTROL.end);
    });
  }

  private structure(code: number, body: (label: Label) => void): void {
    this.body.byte(code);
    this.body.byte(EMPTY_BLOCK);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    this.body.byte(CONTROL.end);
  }
}

function localValue<T extends ValueType>(index: number, type: T): Local<T> {
  return {
    type,
    index,
    emit: (out) => {
      out.byte(CONTROL['local.get']);
      out.unsigned(index);
    },
  };
}

type WriteBody<T extends ValueType> = (f: FunctionBuilder, ...parameters: Local<T>[]) => void;

interface FunctionEntry {
  /** What profilers and traces of the stack call it. */
  readonly name: string;
  readonly signature: number;
  readonly builder: FunctionBuilder;
}

/** Options of the imported memory `env.memory`. A shared memory must say its maximum, in pages of 64 KiB. */
export interface MemoryImport {
  readonly initialPages: number;
  readonly maximumPages?: number;
  readonly shared?: boolean;
}

export class ModuleBuilder {
  private readonly signatures = new Map<string, number>();
  private readonly signatureBytes = new ByteSink();
  private readonly functions: FunctionEntry[] = [];
  private readonly exported: { name: string; index: number }[] = [];

  constructor(private readonly memory: MemoryImport) {}

  /** Adds a function whose parameters have one type; `write` gets its builder and its parameters. */
  function<T extends ValueType>(signature: { readonly name: string; readonly parameters: readonly T[] }, write: WriteBody<T>): WasmFunction<undefined>;
  function<T extends ValueType, R extends ValueType>(
    signature: { readonly name: string; readonly parameters: readonly T[]; readonly result: R },
    write: WriteBody<T>,
  ): WasmFunction<R>;
  function<T extends ValueType>(
    { name, parameters, result }: { readonly name: string; readonly parameters: readonly T[]; readonly result?: ValueType },
    write: WriteBody<T>,
  ): WasmFunction {
    const builder = new FunctionBuilder(parameters.length);
    const index = this.functions.length;
    this.functions.push({ name, signature: this.signature(parameters, result), builder });
    write(builder, ...parameters.map((type, k) => localValue(k, type)));
    return { index, parameters, result };
  }

  export(name: string, callee: WasmFunction): void {
    this.exported.push({ name, index: callee.index });
  }

  encode(): Uint8Array<ArrayBuffer> {
    const out = new ByteSink();
    out.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    section(out, 1, (s) => {
      s.unsigned(this.signatures.size);
      s.raw(this.signatureBytes.view());
    });
    section(out, 2, (s) => {
      s.unsigned(1);
      s.name('env');
      s.name('memory');
      s.byte(0x02);
      const { initialPages, maximumPages, shared = false } = this.memory;
      s.byte((maximumPages === undefined ? 0 : 1) | (shared ? 2 : 0));
      s.unsigned(initialPages);
      if (maximumPages !== undefined) s.unsigned(maximumPages);
    });
    section(out, 3, (s) => {
      s.unsigned(this.functions.length);
      for (const { signature } of this.functions) s.unsigned(signature);
    });
    section(out, 7, (s) => {
      s.unsigned(this.exported.length);
      for (const { name, index } of this.exported) {
        s.name(name);
        s.byte(0x00);
        s.unsigned(index);
      }
    });
    section(out, 10, (s) => {
      s.unsigned(this.functions.length);
      for (const { builder } of this.functions) builder.encode(s);
    });
    section(out, 0, (s) => {
      s.name('name');
      s.byte(FUNCTION_NAMES);
      s.sized((names) => {
        names.unsigned(this.functions.length);
        for (const [k, { name }] of this.functions.entries()) {
          names.unsigned(k);
          names.name(name);
        }
      });
    });
    return out.view().slice();
  }

  private signature(parameters: readonly ValueType[], result: ValueType | undefined): number {
    const key = `${parameters.join()}:${result ?? ''}`;
    const known = this.signatures.get(key);
    if (known !== undefined) return known;
    const s = this.signatureBytes;
    s.byte(0x60);
    s.unsigned(parameters.length);
    for (const type of parameters) s.byte(TYPE_CODES[type]);
    s.unsigned(result === undefined ? 0 : 1);
    if (result !== undefined) s.byte(TYPE_CODES[result]);
    const index = this.signatures.size;
    this.signatures.set(key, index);
    return index;
  }
}

function section(out: ByteSink, id: number, write: (inner: ByteSink) => void): void {
  out.byte(id);
  out.sized(write);
}
