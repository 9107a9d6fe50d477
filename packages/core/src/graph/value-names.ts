/** What values are called that are neither inputs nor variables: listings of compiled programs name the memory that holds them so. */
import type { Expr } from './expr.js';

const names = new WeakMap<Expr, string>();

/** Calls a value something, unless it has a name. */
export function nameValue(expr: Expr, name: string): void {
  if (!names.has(expr)) names.set(expr, name);
}

/** The name of an input, a variable, what a scan hands to its step, or a value that was given one. */
export function valueName(expr: Expr): string | undefined {
  const { node } = expr;
  if (node.kind === 'variable' || node.kind === 'input' || node.kind === 'placeholder') return node.name;
  return names.get(expr);
}
