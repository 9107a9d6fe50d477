/**
 * Memory that all programs of one function share, each for other sizes: one runs at a time, and a run ends the outputs of all. It is as
 * large as the largest of them needs, not as their sum.
 */
import type { TypedArray } from '@pappus/core';
import { type CpuMemory, NoRoomError } from './memory.js';
import { Region } from './region.js';

/** Bytes that a program needs of what is shared. */
export interface SharedBytes {
  /** Inputs, temporaries and scratch, which mean nothing between two steps. */
  readonly work: number;
  readonly outputs: number;
}

interface Constant {
  readonly region: Region;
  users: number;
}

/** Nothing. */
const NONE = 0;

export class FunctionMemory {
  /** The program that ran last, and finds all where it left it; undefined if what is shared has moved since. */
  lastProgram: object | undefined;
  private workRegion: Region;
  private outputsRegion: Region;
  /** Where outputs were before they moved: those of the last run may still be read, and be inputs of the next. */
  private former: Region | undefined;
  private readonly constants = new Map<TypedArray, Constant>();
  private programs = 0;

  constructor(private readonly memory: CpuMemory) {
    this.workRegion = new Region(memory, NONE);
    this.outputsRegion = new Region(memory, NONE);
  }

  get isUsed(): boolean {
    return this.programs > 0;
  }

  get work(): Region {
    return this.workRegion;
  }

  get outputs(): Region {
    return this.outputsRegion;
  }

  /**
   * Makes room for another program, and whatever else `more` makes; all of it or nothing.
   *
   * @throws {NoRoomError} if there is none
   */
  reserve<T extends { readonly undo: () => void }>({ work, outputs }: SharedBytes, more: () => T): T {
    const grown = outputs > this.outputsRegion.bytes ? this.grown(this.outputsRegion.bytes, outputs) : undefined;
    try {
      const made = more();
      try {
        this.growWork(work);
      } catch (error) {
        made.undo();
        throw error;
      }
      if (grown !== undefined) this.moveOutputs(grown);
      this.programs++;
      return made;
    } catch (error) {
      grown?.release();
      throw error;
    }
  }

  /** The address of data, which programs have in common. */
  constant(data: TypedArray, bytes: number): Region {
    const constant = this.constants.get(data) ?? { region: new Region(this.memory, bytes), users: 0 };
    this.constants.set(data, constant);
    constant.users++;
    return constant.region;
  }

  releaseConstant(data: TypedArray): void {
    const constant = this.constants.get(data);
    if (constant === undefined) return;
    constant.users--;
    if (constant.users > 0) return;
    constant.region.release();
    this.constants.delete(data);
  }

  /** A program has what it needs of its inputs: what was there before is gone. */
  forgetFormer(): void {
    this.former?.release();
    this.former = undefined;
  }

  /** A program is gone. */
  leave(): void {
    this.programs--;
    this.releaseUnused();
  }

  /** Gives all back if no program uses it. */
  releaseUnused(): void {
    if (this.programs > 0) return;
    this.forgetFormer();
    this.workRegion.release();
    this.outputsRegion.release();
  }

  /** Nothing of it is needed: its bytes may be used for what takes its place. */
  private growWork(bytes: number): void {
    const before = this.workRegion.bytes;
    if (bytes <= before) return;
    this.lastProgram = undefined;
    this.workRegion.release();
    try {
      this.workRegion = this.grown(before, bytes);
    } catch (error) {
      this.workRegion = new Region(this.memory, before);
      throw error;
    }
  }

  private moveOutputs(to: Region): void {
    this.lastProgram = undefined;
    // Outputs can only be in the first of two that they have left since.
    if (this.former === undefined) this.former = this.outputsRegion;
    else this.outputsRegion.release();
    this.outputsRegion = to;
  }

  /** Somewhat larger than before, so that sizes that grow little by little do not move all each time. */
  private grown(before: number, bytes: number): Region {
    const ahead = before + before / 8;
    if (bytes < ahead) {
      try {
        return new Region(this.memory, Math.ceil(ahead));
      } catch (error) {
        if (!(error instanceof NoRoomError)) throw error;
      }
    }
    return new Region(this.memory, bytes);
  }
}
