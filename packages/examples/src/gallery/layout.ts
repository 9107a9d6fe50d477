/** Where small pictures stand: a block with a heading for each family, several families in a row where they fit. */

/** A family and the names of what it shows. */
export interface Block<Name> {
  readonly title: string;
  readonly names: readonly Name[];
}

/** Where a name stands: a column, and a row. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

export interface PlacedBlock<Name> {
  readonly title: string;
  /** Where its heading is, above that place, and how many columns it may be wide. */
  readonly heading: Place & { readonly columns: number };
  readonly places: ReadonlyMap<Name, Place>;
}

/** Places blocks in their order; one that does not fit beside the one before begins a row, and goes on in further rows. */
export function placed<Name>(blocks: readonly Block<Name>[], columns: number): PlacedBlock<Name>[] {
  let [column, row] = [0, 0];
  return blocks.map(({ title, names }) => {
    if (column > 0 && column + names.length > columns) [column, row] = [0, row + 1];
    const start = { column, row };
    const places = new Map(names.map((name, k) => [name, { column: (start.column + k) % columns, row: start.row + Math.floor((start.column + k) / columns) }]));
    const after = start.column + names.length;
    [column, row] = [after % columns, start.row + Math.floor(after / columns)];
    return { title, heading: { ...start, columns: Math.min(names.length, columns - start.column) }, places };
  });
}
