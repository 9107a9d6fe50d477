/** Rules that keep rows and columns in the place of a full second moment: Adafactor, SM3, CAME. */
export {};
