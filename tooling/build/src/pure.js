/**
 * What a bundler may leave out, in words that bundlers read. A module of ours only declares: what it computes on the way, as the rows of a table
 * or a rule by `defineOptimizer`, has no effect, and whoever does not use the name needs nothing of it. While each module is a file, `sideEffects: false`
 * says so; once modules share a file, every such computation has to say it by itself.
 */
import ts from 'typescript';

const PURE = '/* @__PURE__ */ ';

/** What every bundler takes for free of effects without being told. */
function isPlain(/** @type {ts.Expression} */ node) {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)) return isPlain(node.expression);
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isIdentifier(node)) return true;
  if (ts.isLiteralExpression(node) || node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword || node.kind === ts.SyntaxKind.NullKeyword) return true;
  if (ts.isPrefixUnaryExpression(node)) return ts.isNumericLiteral(node.operand);
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isPlain);
  if (ts.isObjectLiteralExpression(node)) return node.properties.every((property) => (ts.isPropertyAssignment(property) && !ts.isComputedPropertyName(property.name) && isPlain(property.initializer)) || ts.isShorthandPropertyAssignment(property) || (ts.isMethodDeclaration(property) && !ts.isComputedPropertyName(property.name)));
  return false;
}

/** A class that computes as it is declared: what it extends, the name of a member, or what all of its objects share. */
const computes = (/** @type {ts.ClassDeclaration} */ node) =>
  node.heritageClauses?.some(({ types }) => types.some(({ expression }) => !ts.isIdentifier(expression))) === true ||
  node.members.some((member) => ts.isClassStaticBlockDeclaration(member) || (member.name !== undefined && ts.isComputedPropertyName(member.name)) || (ts.isPropertyDeclaration(member) && ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword)));

/**
 * The text of a module with its computations marked as free of effects. Throws where a module does more than declare.
 *
 * @param {string} file its name, for errors and for whether it is TypeScript
 * @param {string} text
 * @returns {string}
 */
export function markPure(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  /** @type {{ readonly from: number, readonly to: number, readonly text: string }[]} */
  const edits = [];
  const insert = (/** @type {number} */ at, /** @type {string} */ inserted) => edits.push({ from: at, to: at, text: inserted });
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer === undefined) continue;
        if (ts.isIdentifier(name)) {
          if (isPlain(initializer)) continue;
          insert(initializer.getStart(), `${PURE}(() => (`);
          insert(initializer.end, '))()');
        } else {
          // Taking something apart is a computation of each of its names.
          const whole = `whole${name.getStart()}`;
          const parts = namesOf(name).map((part) => `${part} = ${PURE}(() => { const ${name.getText()} = ${whole}; return ${part}; })()`);
          edits.push({ from: name.getStart(), to: initializer.getStart(), text: `${whole} = ${PURE}(() => (` });
          insert(initializer.end, `))(), ${parts.join(', ')}`);
        }
      }
    } else if (ts.isClassDeclaration(statement) && statement.name !== undefined && computes(statement)) {
      const keyword = statement.getChildren().find(({ kind }) => kind === ts.SyntaxKind.ClassKeyword);
      if (keyword === undefined) throw new Error(`${file}: the class ${statement.name.text} has no keyword`);
      const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
      edits.push({ from: statement.getStart(), to: keyword.getStart(), text: `${isExported ? 'export ' : ''}const ${statement.name.text} = ${PURE}(() => ` });
      insert(statement.end, ')();');
    } else if (!isDeclaration(statement)) {
      const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
      throw new Error(`${file}:${line + 1} does something when it is loaded; modules of public packages only declare, so that bundlers may leave out what is not used`);
    }
  }
  let marked = '';
  let done = 0;
  for (const { from, to, text: inserted } of edits) {
    marked += text.slice(done, from) + inserted;
    done = to;
  }
  return marked + text.slice(done);
}

/** The names that a pattern binds. @returns {string[]} */
const namesOf = (/** @type {ts.BindingName} */ name) => (ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : [])));

/** @param {ts.Statement} node */
const isDeclaration = (node) => ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isModuleDeclaration(node);
