import type ts from 'typescript';

export function undocumented(
  program: ts.Program,
  root: string,
  kind?: 'source' | 'types',
): { readonly declaration: ts.Declaration; readonly name: string }[];
