// No number in the place of one that is missing: `addresses.get(buffer) ?? 0` reads memory that is somebody else's.

/** Whether a node is a number that is written out. */
function isNumber(node) {
  if (node.type === 'UnaryExpression') return isNumber(node.argument);
  return (node.type === 'Literal' && typeof node.value === 'number') || (node.type === 'Identifier' && (node.name === 'NaN' || node.name === 'Infinity'));
}

/** Whether a node looks something up that may not be there: `list[k]`, `map.get(key)`, or a property of such. */
function looksUp(node) {
  switch (node.type) {
    case 'ChainExpression':
      return looksUp(node.expression);
    case 'MemberExpression':
      return node.computed || looksUp(node.object);
    case 'CallExpression':
      return node.callee.type === 'MemberExpression' && node.callee.property.name === 'get' && node.arguments.length === 1;
    default:
      return false;
  }
}

/** Whether what is missing has not been counted, added up or met so far: 0 of it, the least or the most of nothing. */
function isTally({ parent }) {
  if (parent.type === 'BinaryExpression') return parent.operator === '+';
  return parent.type === 'CallExpression' && parent.callee.type === 'MemberExpression' && ['max', 'min'].includes(parent.callee.property.name);
}

export const plausibleNumbers = {
  meta: { type: 'problem', schema: [], docs: { description: 'what is missing is an error, not a number' } },
  create(context) {
    return {
      'LogicalExpression[operator="??"]'(node) {
        if (!isNumber(node.right) || !looksUp(node.left) || isTally(node)) return;
        const text = context.sourceCode.getText(node);
        context.report({ node, message: `'${text}' is a plausible number where something is missing: use required(value, what) or itemAt(list, position, what), which name it.` });
      },
    };
  },
};
