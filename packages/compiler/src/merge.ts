/**
 * What one rule does to many tensors as one kernel: loops of the same code over other buffers become its segments. What is
 * read must not be what another segment writes, so that segments may run in any order.
 */
import { collapse } from './collapse.js';
import { collapsedProduct } from './collapse-product.js';
import { type Access, bodyBuffers, type Body, type Instruction, type Kernel, kernelAccesses, type LoopKernel, type ReducePart } from './kernel.js';

/** Kernels with collapsed nests, loops of the same code merged. */
export function mergeLoops(kernels: readonly Kernel[]): Kernel[] {
  const merged: Kernel[] = [];
  for (const kernel of kernels.map(collapsed)) {
    const at = kernel.kind === 'loop' ? merged.findIndex((k, index) => canJoin(k, kernel, merged.slice(index + 1))) : -1;
    const host = merged[at];
    if (host?.kind === 'loop' && kernel.kind === 'loop') merged[at] = { ...host, ...joinSegments(host, kernel) };
    else merged.push(kernel);
  }
  return merged;
}

function collapsed(kernel: Kernel): Kernel {
  switch (kernel.kind) {
    case 'scatter':
    case 'loop': {
      const { extents, bodies } = collapse({ extents: kernel.extents, bodies: [kernel.body] });
      return { ...kernel, extents, body: bodies[0] ?? kernel.body };
    }
    case 'reduce': {
      const [only, ...others] = kernel.parts;
      if (only === undefined || others.length > 0) return { ...kernel, parts: joinParts(kernel.parts.map(collapsedPart)) };
      const { extents, marks, bodies } = collapse({ extents: only.extents, bodies: [only.body, kernel.epilogue] }, only.reduced);
      return { ...kernel, parts: [{ ...only, extents, reduced: marks, body: bodies[0] ?? only.body }], epilogue: bodies[1] ?? kernel.epilogue };
    }
    case 'matmul':
      return collapsedProduct(kernel);
    case 'repeat':
      return kernel;
  }
}

function collapsedPart(part: ReducePart): ReducePart {
  const { extents, marks, bodies } = collapse({ extents: part.extents, bodies: [part.body] }, part.reduced);
  return { ...part, extents, reduced: marks, body: bodies[0] ?? part.body };
}

/** Parts of the same code as segments of one. */
function joinParts(parts: readonly ReducePart[]): ReducePart[] {
  const joined: ReducePart[] = [];
  for (const part of parts) {
    const at = joined.findIndex((p) => !movesAlong(p) && !movesAlong(part) && p.extents.length <= 1 && part.extents.length <= 1 && p.values.join() === part.values.join() && sameCode(p, part));
    const host = joined[at];
    if (host === undefined) joined.push(part);
    else joined[at] = { ...joinSegments(host, part), reduced: [true], values: host.values };
  }
  return joined;
}

function canJoin(host: Kernel, kernel: LoopKernel, between: readonly Kernel[]): boolean {
  if (host.kind !== 'loop' || host.update !== kernel.update || host.extents.length > 1 || kernel.extents.length > 1) return false;
  if (movesAlong(host) || movesAlong(kernel)) return false;
  if (!writesWhole(host) || !writesWhole(kernel) || !sameCode(host, kernel)) return false;
  const own = kernelAccesses(kernel);
  for (const other of [host, ...between]) {
    const { reads, writes } = kernelAccesses(other);
    if (own.reads.some((b) => writes.includes(b)) || own.writes.some((b) => reads.includes(b) || writes.includes(b))) return false;
  }
  return true;
}

/** Whether code is over parts of tensors, which have no one address, and nothing behind them that may be written over. */
function movesAlong({ body }: Piece): boolean {
  return bodyBuffers(body).some((b) => b.place.kind === 'slice');
}

/** Whether a loop writes all of what it writes to, so that whole vectors may be written up to the end. */
function writesWhole({ extents, body }: LoopKernel): boolean {
  return body.stores.every(({ access }) => access.buffer.size === (extents[0] ?? 1));
}

/** A one-dimensional piece of code with its segments. */
type Piece = Pick<LoopKernel, 'extents' | 'body' | 'segments'>;

/** The code over the larger tensor stands for both: on a single element any stride is as good as another. */
function joinSegments(host: Piece, other: Piece): Piece {
  const larger = lengthOf(host) >= lengthOf(other) ? host : other;
  return { extents: [lengthOf(larger)], body: onOneAxis(larger.body), segments: [...host.segments, ...other.segments] };
}

function lengthOf({ extents }: Piece): number {
  return extents[0] ?? 1;
}

function onOneAxis(body: Body): Body {
  const widen = (strides: readonly number[]): readonly number[] => (strides.length === 0 ? [1] : strides);
  return {
    instructions: body.instructions.map((i) =>
      i.kind === 'load' || i.kind === 'gather' ? { ...i, access: { ...i.access, strides: widen(i.access.strides) } }
      : i.kind === 'index' ? { ...i, value: { ...i.value, strides: widen(i.value.strides) } } : i),
    stores: body.stores.map((s) => ({ ...s, access: { ...s.access, strides: widen(s.access.strides) } })),
  };
}

/** Whether two pieces of code differ in their buffers and lengths only. */
function sameCode(a: Piece, b: Piece): boolean {
  const left = bodyBuffers(a.body);
  const right = bodyBuffers(b.body);
  if (a.body.instructions.length !== b.body.instructions.length || a.body.stores.length !== b.body.stores.length || left.length !== right.length) return false;
  const single = lengthOf(a) === 1 || lengthOf(b) === 1;
  const sameAccess = (x: Access, y: Access): boolean =>
    left.indexOf(x.buffer) === right.indexOf(y.buffer) &&
    x.buffer.dtype === y.buffer.dtype &&
    x.offset === 0 && y.offset === 0 &&
    (single || (x.strides[0] ?? 0) === (y.strides[0] ?? 0)) &&
    [x.strides[0] ?? 1, y.strides[0] ?? 1].every((s) => s === 0 || s === 1);
  const sameInstruction = (x: Instruction, y: Instruction | undefined): boolean => {
    if (y === undefined || x.kind !== y.kind || x.dtype !== y.dtype) return false;
    if (x.kind === 'load' && y.kind === 'load') return sameAccess(x.access, y.access);
    if (x.kind === 'constant' && y.kind === 'constant') return Object.is(x.value, y.value);
    if (x.kind === 'uniform' && y.kind === 'uniform') return x.index === y.index;
    if (x.kind === 'index' && y.kind === 'index') return x.value.offset === y.value.offset && (x.value.strides[0] ?? 0) === (y.value.strides[0] ?? 0);
    if (x.kind === 'apply' && y.kind === 'apply') return x.op === y.op && x.operand === y.operand && x.args.join() === y.args.join();
    return false;
  };
  return (
    a.body.instructions.every((x, k) => sameInstruction(x, b.body.instructions[k])) &&
    a.body.stores.every((x, k) => {
      const y = b.body.stores[k];
      return y !== undefined && x.value === y.value && sameAccess(x.access, y.access);
    })
  );
}
