/** Numbers and polynomials as WGSL writes them. */

/** A finite float: the shortest decimal that is it in float64. */
export function float(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

/** `c_0 + c_1 x + c_2 x^2 + ...` by Horner's rule, in parentheses. */
export function polynomial(x: string, coefficients: readonly number[]): string {
  return coefficients.map(float).reduceRight((rest, c) => `(${c} + ${x} * ${rest})`);
}
