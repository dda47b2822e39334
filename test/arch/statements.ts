import { join, relative } from 'node:path';
import {
  isBinaryExpression,
  isBindingElement,
  isCallExpression,
  isIdentifier,
  isInterfaceDeclaration,
  isPropertyAccessExpression,
  isPropertySignatureDeclaration,
  isStringLiteral,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { API, type Checker } from 'typescript/unstable/sync';
import type { Finding } from './direction.ts';
import { lineOf } from './modules.ts';

/** Where a command is described, and what may cut its text for people to read. */
const MODEL = 'src/model/plan.ts';
const SHOWS = ['src/report/', 'src/cli/'] as const;

/** What looks into a text. */
const LOOKS = new Set(
  'includes startsWith endsWith indexOf lastIndexOf match matchAll search split slice substring replace replaceAll at charAt localeCompare'.split(
    ' ',
  ),
);

/**
 * Code that looks into the text of a command: with a regular expression, a method of strings, or a comparison. The text is for
 * people; what a command does stands in its `op` and `args`. Only types tell which texts are a command's.
 */
export function parsedStatements(root: string): Finding[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects();
    if (!project) throw new Error(`no project in ${root}`);
    const { checker, program } = project;
    const files = program.getSourceFileNames().map((name) => ({ name, path: relative(root, name) }));
    const model = program.getSourceFile(join(root, MODEL));
    const text = model && textOfCommand(model, checker);
    if (text === undefined) throw new Error(`${MODEL} describes no command`);
    return files
      .filter(({ path }) => path.startsWith('src/') && !SHOWS.some((folder) => path.startsWith(folder)))
      .flatMap(({ name, path }) => {
        const file = program.getSourceFile(name);
        return file?.text.includes('text') ? looksIn(path, file, checker, text) : [];
      });
  } finally {
    api.close();
  }
}

/** The member `text` of the interface `Command`, by its number. */
function textOfCommand(file: SourceFile, checker: Checker): number | undefined {
  let found: number | undefined;
  file.forEachChild((node) => {
    if (!isInterfaceDeclaration(node) || node.name.text !== 'Command') return;
    for (const member of node.members)
      if (isPropertySignatureDeclaration(member) && isIdentifier(member.name) && member.name.text === 'text')
        found = checker.getSymbolAtLocation(member.name)?.id;
  });
  return found;
}

function looksIn(path: string, file: SourceFile, checker: Checker, text: number): Finding[] {
  const found: Finding[] = [];
  /** Local names for such a text, or for one that was made from it. */
  const local = new Set<number>();
  const isText = (node: Node): boolean => {
    if (isPropertyAccessExpression(node)) return node.name.text === 'text' && checker.getSymbolAtLocation(node.name)?.id === text;
    return isIdentifier(node) && local.size > 0 && local.has(checker.getSymbolAtLocation(node)?.id ?? -1);
  };
  const holds = (node: Node): boolean => isText(node) || (node.forEachChild((child) => (holds(child) ? true : undefined)) ?? false);
  /** The text itself, or what a method of strings made from it. */
  const isFromText = (node: Node): boolean =>
    isText(node) || (isCallExpression(node) && isPropertyAccessExpression(node.expression) && isFromText(node.expression.expression));
  const isString = (node: Node): boolean => {
    const type = checker.getTypeAtLocation(node);
    return type !== undefined && checker.isTypeAssignableTo(type, checker.getStringType());
  };
  const remember = (node: Node): void => {
    if (isBindingElement(node) && node.name && isIdentifier(node.name)) {
      const member = node.propertyName && isIdentifier(node.propertyName) ? node.propertyName.text : node.name.text;
      const type = member === 'text' ? checker.getTypeAtLocation(node.parent) : undefined;
      if (type && checker.getPropertyOfType(type, 'text')?.id === text) local.add(checker.getSymbolAtLocation(node.name)?.id ?? -1);
    }
    if (isVariableDeclaration(node) && isIdentifier(node.name) && node.initializer && isString(node.name) && holds(node.initializer))
      local.add(checker.getSymbolAtLocation(node.name)?.id ?? -1);
  };
  const isLook = (node: Node): boolean => {
    if (isBinaryExpression(node)) {
      const compares = [SyntaxKind.EqualsEqualsEqualsToken, SyntaxKind.ExclamationEqualsEqualsToken].includes(node.operatorToken.kind);
      return compares && [node.left, node.right].some(isText) && [node.left, node.right].some((side) => isStringLiteral(side));
    }
    if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
    const { expression: of, name } = node.expression;
    if (LOOKS.has(name.text)) return isString(of) && isFromText(of);
    return (name.text === 'test' || name.text === 'exec') && node.arguments.some(isFromText);
  };
  const visit = (node: Node): void => {
    remember(node);
    if (isLook(node))
      found.push({ path, what: `line ${lineOf(file.text, node.getStart(file))}: ${file.text.slice(node.getStart(file), node.end)}` });
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}
