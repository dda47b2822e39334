import { join, relative } from 'node:path';
import {
  isBinaryExpression,
  isBindingElement,
  isCallExpression,
  isComputedPropertyName,
  isElementAccessExpression,
} from 'typescript/unstable/ast/is';
import { type Expression, type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { API, type Checker } from 'typescript/unstable/sync';
import { type Finding, isTestCode } from './direction.ts';
import { lineOf } from './modules.ts';

/** The module that may do what is forbidden to all others, since they do it through it. */
const helper = 'src/util/record.ts';

/**
 * Reads and writes of records by keys that are data, in any way that also meets what every object inherits. Only types tell a record
 * from a list and a key that is data from a word of ours, so this asks the compiler: through the only interface that it has, which
 * may change with a version of TypeScript and with nothing else.
 */
export function bareRecords(root: string): Finding[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects();
    if (!project) throw new Error(`no project in ${root}`);
    const { checker, program } = project;
    const names = program.getSourceFileNames().filter((name) => relative(root, name).startsWith('src/'));
    if (names.length === 0) throw new Error(`no modules in ${root}`);
    return names.flatMap((name) => {
      const path = relative(root, name);
      const file = path === helper || isTestCode(path) ? undefined : program.getSourceFile(name);
      return file ? bareIn(path, file, checker) : [];
    });
  } finally {
    api.close();
  }
}

function bareIn(path: string, file: SourceFile, checker: Checker): Finding[] {
  const found: Finding[] = [];
  const textOf = (node: Node): string => file.text.slice(node.getStart(file), node.end);
  const isData = (key: Expression): boolean => {
    const type = checker.getTypeAtLocation(key);
    if (!type) throw new Error(`${path}: ${textOf(key)} has no type`);
    const bound = type.isTypeParameter() ? checker.getConstraintOfTypeParameter(type) : type;
    // `keyof T` is a word of whatever T is.
    if (!bound || bound.isIndexType()) return false;
    const parts = bound.isUnionType() ? bound.getTypes() : [bound];
    return parts.some((part) => part.isTemplateLiteralType() || checker.isTypeAssignableTo(checker.getStringType(), part));
  };
  const isBare = (node: Node): boolean => {
    if (isElementAccessExpression(node)) return isData(node.argumentExpression);
    if (isCallExpression(node)) return textOf(node.expression) === 'Object.assign';
    if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.InKeyword)
      return textOf(node.right) !== 'Object.prototype' && isData(node.left);
    // To leave a member out is safe; to take it is a read.
    return (
      isBindingElement(node) &&
      node.propertyName !== undefined &&
      isComputedPropertyName(node.propertyName) &&
      node.name !== undefined &&
      !textOf(node.name).startsWith('_') &&
      isData(node.propertyName.expression)
    );
  };
  const visit = (node: Node): void => {
    if (isBare(node)) found.push({ path, what: `line ${lineOf(file.text, node.getStart(file))}: ${textOf(node)}` });
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}
