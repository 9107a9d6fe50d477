/** The text of a module with its computations marked as free of effects; throws where a module does more than declare. */
export declare function markPure(file: string, text: string): string;
