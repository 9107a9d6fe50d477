/** The rules of the kernel language, each said once: what a backend may rely on, and what every pass must keep. docs/kernel-language.md shows them. */

export const RULES = {
  operands: 'An instruction names earlier instructions of its body, as many as its operation takes, of the dtypes that it takes and answers.',
  results: 'A result is one that the kernel gives: a reduction by its number, or the product as number 0; only epilogues have any.',
  uniforms: 'A uniform is an instruction of the host program, and the program lists it with its dtype.',
  conditions: 'A kernel that runs in some steps alone does so by a bool of the host, which is listed. What it writes, but for variables, is read where it has run, or in a branch that is not chosen.',
  axes: 'Every access, and every function of the indices, has a stride for each axis of its nest.',
  bounds: 'Every element that a load, a gather or a store can reach is an element of its buffer.',
  dtypes: 'A load answers the dtype of its buffer, and a store writes a value of it.',
  written: 'What is read is an input, a variable or data, or every element of it was written before.',
  inPlace: 'A kernel that writes a buffer reads no element of it but the one that it writes at the same indices, and that before it.',
  apart: 'Two stores of a kernel, and two elements of its nest, never write the same element of a buffer.',
  oldValues: 'A variable is written by one kernel, once, and not read after it, but in steps in which it is not written, or in a branch that is not chosen.',
  segments: 'Segments are over one axis at most, each with a buffer for every one of the code and a scalar for every parameter, of its dtype and large enough; none writes what another touches.',
  reductions: 'A reduction has a value for each result in every part; several parts keep no axis, and are reduced by the same operations.',
  products: 'A product sums over one axis at least, its operands and its epilogue run over its axes, and the buffer of the plain product has its elements.',
  scatters: 'A scatter adds by an int32 index to a buffer that it does not load from.',
  routines: 'A routine has a buffer for each array of its code, with all items; it writes no operand, has numbers of the types that its operations take, reads indices in their loops alone, and has no parallel loop or reduction in a parallel loop, whose locals are its own.',
  slices: 'A part of a tensor lies in it at every step of its scan, and is used nowhere else.',
  memory: 'Temporaries that are in use at one time share no byte, and lie in the block.',
  outputs: 'Every output is a buffer of its size, written before the end, or a scalar of the host.',
  hosts: 'What the host updates is a scalar variable, by an instruction of the host program, and no kernel writes it.',
} as const satisfies Readonly<Record<string, string>>;

/** The name of a rule of the kernel language. */
export type ProgramRule = keyof typeof RULES;

/** A rule that a program breaks, and where. */
export interface Violation {
  /** The rule that is broken. */
  readonly rule: ProgramRule;
  /** The kernel's name, if it is about one. */
  readonly kernel?: string;
  /** What is wrong, such as `store 0 reaches element 12 of w, which has 12`. */
  readonly what: string;
}
