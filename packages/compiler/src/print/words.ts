/** What a listing calls buffers, and numbers of bytes. */
import type { Buffer } from '../kernels/kernel.js';
import { itemAt } from '../required.js';

/** The name of a buffer, in quotes where it is no single word. */
export function bufferWord({ name }: Pick<Buffer, 'name'>): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
}

export function bufferWords(buffers: readonly Buffer[]): string {
  return buffers.map(bufferWord).join(', ');
}

/** `1,234,567`, whatever the language of the machine. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function plural(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** Rows whose columns stand one below the other; those of numbers end at one place. */
export function table(rows: readonly (readonly string[])[], rightAligned: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) => rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0));
  const cell = (text: string, column: number): string =>
    rightAligned.includes(column) ? text.padStart(itemAt(widths, column, 'the width of column')) : text.padEnd(itemAt(widths, column, 'the width of column'));
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
