/**
 * The checks of a debug build: every load and store of a tensor is compared with the bytes of that tensor. One that reaches out
 * of them leaves a report and ends the step, before it has read or written anything.
 *
 * The bytes of a tensor are those of its elements, filled up to whole vectors (`alignedBytes`): code reads and writes the last
 * vector of a tensor whole, and what fills it up belongs to that tensor alone. Of a part of a tensor (`slice`) they are its
 * elements, since what lies behind it is the next part.
 */
import type { Buffer } from '@pappus/compiler';
import { BackendError } from '@pappus/core';
import { type AccessKind, type Bounds, type ProductBounds, reachableBytes } from '../codegen/bounds.js';
import { i32, type Value } from '../wasm/instructions.js';
import { call } from '../wasm/call.js';
import type { FunctionBuilder, Local, ModuleBuilder, WasmFunction } from '../wasm/module.js';

/** Words below all tensors. The report: 1 + site, address, bytes, and where the tensor begins and how long it is. */
const REPORT = 64;
/** The operands of the product at hand: where each begins and how long it is; then its first site. */
const PRODUCT = 128;
const PRODUCT_SITE = PRODUCT + 24;

/** A tensor, or memory of its own, that some kernel reaches. */
interface Site {
  readonly kernel: string;
  readonly name: string;
}

export class Checks {
  private readonly sites: Site[] = [];
  private readonly known = new Map<string, number>();
  private readonly check: WasmFunction<'i32'>;
  private kernel = '';

  constructor(module: ModuleBuilder) {
    const parameters = ['i32', 'i32', 'i32', 'i32', 'i32'] as const;
    this.check = module.function({ name: 'check', parameters, result: 'i32' }, (f, address, size, start, length, site) => {
      const before = i32.sub(address, start);
      // Unsigned: what lies before the tensor is far behind it.
      f.if(i32.or(i32.gtU(size, length), i32.gtU(before, i32.sub(length, size))), () => {
        const report = f.let(i32.const(REPORT));
        for (const [k, value] of [i32.add(site, i32.const(1)), address, size, start, length].entries()) f.emit(i32.store(report, value, 4 * k));
        f.unreachable();
      });
      f.return(address);
      f.unreachable();
    });
  }

  /** Names the kernel whose code is written from here on. */
  enter(kernel: string): void {
    this.kernel = kernel;
  }

  /** Of `length` bytes from an address. */
  bounds(name: string, start: Value<'i32'>, length: Value<'i32'>): Bounds {
    const site = this.site(name);
    return { checked: (address, size, kind) => this.checked(address, size, start, length, i32.const(2 * site + bit(kind))) };
  }

  ofBuffer(buffer: Buffer, start: Local<'i32'>, length: Value<'i32'> = i32.const(reachableBytes(buffer))): Bounds {
    return this.bounds(buffer.name, start, length);
  }

  /** Bounds that are read where the code runs, since kernels share the code of products: `prepareProduct` says them. */
  get product(): ProductBounds {
    const at = (k: number): Bounds => ({
      checked: (address, size, kind) => {
        const word = (offset: number): Value<'i32'> => i32.load(i32.const(PRODUCT), offset);
        return this.checked(address, size, word(8 * k), word(8 * k + 4), i32.add(word(PRODUCT_SITE - PRODUCT), i32.const(2 * k + bit(kind))));
      },
    });
    return { left: at(0), right: at(1), result: at(2) };
  }

  prepareProduct(f: FunctionBuilder, operands: readonly { readonly name: string; readonly start: Value<'i32'>; readonly bytes: number }[]): void {
    const first = this.sites.length;
    const base = i32.const(PRODUCT);
    for (const [k, { name, start, bytes }] of operands.entries()) {
      this.sites.push({ kernel: this.kernel, name });
      f.emit(i32.store(base, start, 8 * k));
      f.emit(i32.store(base, i32.const(bytes), 8 * k + 4));
    }
    f.emit(i32.store(base, i32.const(2 * first), PRODUCT_SITE - PRODUCT));
  }

  /**
   * What the report says, if there is one; it is taken away.
   *
   * @param tensorAt the name of the tensor that begins at an address: code over many tensors names one of them
   */
  violation(memory: WebAssembly.Memory, tensorAt: (address: number) => string | undefined): BackendError | undefined {
    const report = new Int32Array(memory.buffer, REPORT, 5);
    const [number = 0, address = 0, size = 0, start = 0, length = 0] = report;
    report.fill(0);
    const site = this.sites[(number - 1) >> 1];
    if (number === 0 || site === undefined) return undefined;
    const verb = (number - 1) % 2 === 1 ? 'writes' : 'reads';
    const from = (address >>> 0) - (start >>> 0);
    const name = tensorAt(start >>> 0) ?? site.name;
    return new BackendError(
      `${site.kernel} ${verb} ${size} bytes from byte ${from} of ${name} on, which has bytes 0 to ${length}; nothing was ${verb === 'reads' ? 'read' : 'written'}, please report it with the program`,
    );
  }

  private site(name: string): number {
    const key = `${this.kernel}\n${name}`;
    const known = this.known.get(key) ?? this.sites.push({ kernel: this.kernel, name }) - 1;
    this.known.set(key, known);
    return known;
  }

  private checked(address: Value<'i32'>, size: number, start: Value<'i32'>, length: Value<'i32'>, site: Value<'i32'>): Value<'i32'> {
    return call(this.check, address, i32.const(size), start, length, site);
  }
}

function bit(kind: AccessKind): number {
  return kind === 'write' ? 1 : 0;
}
