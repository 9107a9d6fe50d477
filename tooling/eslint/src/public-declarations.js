// What people can reach from the entry points of the packages that they install, and what of it an editor has nothing to show for.
import path from 'node:path';
import { findPublicPackages } from '@pappus/workspace';
import ts from 'typescript';

/**
 * The public declarations for which an editor shows no docstring: exports, members of exported classes, interfaces and object types,
 * and the options and results that their signatures name, however deep.
 *
 * @param {ts.Program} program
 * @param {string} root the workspace's directory
 * @param {'source' | 'types'} kind of which files of the doors the program is: sources, or the declarations that are published
 * @returns {{ readonly declaration: ts.Declaration, readonly name: string }[]} `name` is where it stands, as in `core: Expr.relu`
 */
export function undocumented(program, root, kind = 'source') {
  const checker = program.getTypeChecker();
  const sources = path.join(root, 'packages') + path.sep;
  const isOurs = (declaration) => declaration.getSourceFile().fileName.startsWith(sources);
  const packageOf = (declaration) => path.relative(sources, declaration.getSourceFile().fileName).split(path.sep)[0];
  const found = new Map();
  const checked = new Set();
  // Types that callers write, such as options, apart from those that they are answered.
  const seen = { written: new Set(), answered: new Set() };

  const report = (declaration, member) => found.set(declaration, `${packageOf(declaration)}: ${[...nameOf(declaration), ...member].join('.')}`);

  const check = (symbol) => {
    const declaration = symbol.declarations?.find(isOurs);
    if (declaration === undefined || checked.has(declaration)) return;
    checked.add(declaration);
    if (symbol.getDocumentationComment(checker).length === 0) report(declaration, []);
  };

  /** @param {{ readonly use: 'written' | 'answered', readonly at: ts.Declaration | undefined }} way `at` is the last declaration on it */
  const visitType = (type, way) => {
    if (seen[way.use].has(type)) return;
    seen[way.use].add(type);
    if (type.isUnion()) {
      for (const part of type.types) visitType(part, way);
      return;
    }
    if (type.flags & ts.TypeFlags.TypeParameter) {
      const constraint = checker.getBaseConstraintOfType(type);
      if (constraint !== undefined) visitType(constraint, way);
      return;
    }
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return;
    for (const argument of checker.getTypeArguments(type)) visitType(argument, way);
    // Of a tuple the arguments are all that there is.
    if (!checker.isTupleType(type)) for (const property of type.getProperties()) visitMember(property, way);
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) visitSignature(signature, way);
    for (const { type: values } of checker.getIndexInfosOfType(type)) visitType(values, way);
  };

  const visitSignature = (signature, way) => {
    const { declaration } = signature;
    if (declaration !== undefined && (!isOurs(declaration) || isHidden(declaration))) return;
    const at = declaration ?? way.at;
    for (const parameter of signature.parameters) visitType(checker.getTypeOfSymbol(parameter), { use: 'written', at });
    visitType(signature.getReturnType(), { use: way.use, at });
  };

  const visitMember = (symbol, way) => {
    const declarations = symbol.declarations ?? [];
    // An option whose name is put together by a type has no place where a docstring could stand.
    if (declarations.length === 0 && way.use === 'written' && way.at !== undefined && symbol.name !== 'prototype') report(way.at, [symbol.name]);
    const ours = declarations.filter(isOurs);
    if (ours.length === 0 || ours.every(isHidden)) return;
    const type = checker.getTypeOfSymbol(symbol);
    // What tells the kinds of a union apart says itself.
    if (!type.isLiteral()) check(symbol);
    visitType(type, { use: way.use, at: ours[0] });
  };

  const doors = findPublicPackages(root).flatMap((found) => found.doors);
  for (const { [kind]: file } of doors) {
    const source = program.getSourceFile(file);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is an entry point, and not in the program`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const way = { use: 'answered', at: symbol.declarations?.find(isOurs) };
      check(symbol);
      if (symbol.flags & ts.SymbolFlags.Value) visitType(checker.getTypeOfSymbol(symbol), way);
      if (symbol.flags & ts.SymbolFlags.Type) visitType(checker.getDeclaredTypeOfSymbol(symbol), way);
    }
  }
  return [...found].map(([declaration, name]) => ({ declaration, name }));
}

/** The names of what a declaration stands in, and its own. */
function nameOf(declaration) {
  const names = [];
  for (let node = declaration; node !== undefined; node = node.parent) if (node.name !== undefined) names.unshift(node.name.getText());
  return names;
}

/** Whether no editor offers it, or nobody should take it: private, protected, or marked `@internal`. */
function isHidden(declaration) {
  return (
    (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0 ||
    (declaration.name !== undefined && ts.isPrivateIdentifier(declaration.name)) ||
    ts.getJSDocTags(declaration).some((tag) => tag.tagName.text === 'internal')
  );
}
