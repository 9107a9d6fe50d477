/** The backends that an example can run on, by name. */
import { cpu } from 'pappus';

export const backends = { cpu };

export type BackendName = keyof typeof backends;

/** What the functions above answer with. */
export type Backend = Awaited<ReturnType<(typeof backends)[BackendName]>>;
