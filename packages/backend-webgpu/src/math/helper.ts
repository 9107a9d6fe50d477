/** A function of the library. Texts are for scalars; vectors take their components one by one. */
export interface Helper {
  readonly text: string;
  readonly uses?: readonly string[];
  /** The types of arguments and result, for functions that are called on vectors. */
  readonly signature?: readonly ['f32' | 'i32', number, 'f32' | 'i32' | 'bool'];
}
