import type ts from 'typescript';

export function entryPoints(root: string, condition?: 'pappus-source' | 'types'): ReadonlyMap<string, string>;

export function undocumented(
  program: ts.Program,
  root: string,
  condition?: 'pappus-source' | 'types',
): { readonly declaration: ts.Declaration; readonly name: string }[];
