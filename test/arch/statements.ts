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

/** Texts that are for people, by where they are described. */
export const TEXTS = [
  ['src/model/plan.ts', 'Command', ['text']],
  ['src/model/plan.ts', 'Step', ['title']],
  ['src/model/plan.ts', 'Loss', ['what', 'keep']],
  ['src/model/finding.ts', 'Finding', ['statement', 'answer', 'why']],
  ['src/model/diagnostic.ts', 'Diagnostic', ['message', 'hint']],
] as const satisfies readonly (readonly [file: string, name: string, members: readonly string[]])[];

/** What may cut them for people to read. */
const SHOWS = ['src/report/', 'src/cli/'] as const;

/** What looks into a text. */
const LOOKS = new Set(
  'includes startsWith endsWith indexOf lastIndexOf match matchAll search split slice substring replace replaceAll at charAt localeCompare'.split(
    ' ',
  ),
);

/** What looks through a list of texts. */
const LOOKS_THROUGH = new Set('includes indexOf find findIndex findLast filter some every'.split(' '));

/**
 * Code that looks into the text of a command, a loss, a finding or a diagnostic: with a regular expression, a method of strings
 * or lists, or a comparison. The text is for people; what decides stands beside it as data. Only types tell which texts these are.
 */
export function parsedTexts(
  root: string,
  texts: readonly (readonly [file: string, name: string, members: readonly string[]])[],
): Finding[] {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: [join(root, 'tsconfig.json')] }).getProjects();
    if (!project) throw new Error(`no project in ${root}`);
    const { checker, program } = project;
    const files = program.getSourceFileNames().map((name) => ({ name, path: relative(root, name) }));
    const known = new Map(
      texts.flatMap(([path, name, members]) => {
        const model = program.getSourceFile(join(root, path));
        const found = model ? membersOf(model, name, members, checker) : [];
        if (found.length !== members.length) throw new Error(`${path} describes no ${name} with ${members.join(', ')}`);
        return found;
      }),
    );
    const names = [...new Set(known.values())];
    return files
      .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts') && !SHOWS.some((folder) => path.startsWith(folder)))
      .flatMap(({ name, path }) => {
        const file = program.getSourceFile(name);
        return file && names.some((one) => file.text.includes(one)) ? looksIn(path, file, checker, known) : [];
      });
  } finally {
    api.close();
  }
}

/** Members of an interface, by their numbers. */
function membersOf(
  file: SourceFile,
  name: string,
  members: readonly string[],
  checker: Checker,
): readonly (readonly [id: number, name: string])[] {
  const found: (readonly [number, string])[] = [];
  file.forEachChild((node) => {
    if (!isInterfaceDeclaration(node) || node.name.text !== name) return;
    for (const member of node.members) {
      if (!isPropertySignatureDeclaration(member) || !isIdentifier(member.name) || !members.includes(member.name.text)) continue;
      const id = checker.getSymbolAtLocation(member.name)?.id;
      if (id !== undefined) found.push([id, member.name.text]);
    }
  });
  return found;
}

function looksIn(path: string, file: SourceFile, checker: Checker, texts: ReadonlyMap<number, string>): Finding[] {
  const found: Finding[] = [];
  const names = new Set(texts.values());
  /** Local names for such a text, or for one that was made from it. */
  const local = new Set<number>();
  const isText = (node: Node): boolean => {
    if (isPropertyAccessExpression(node)) return names.has(node.name.text) && texts.has(checker.getSymbolAtLocation(node.name)?.id ?? -1);
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
      const type = names.has(member) ? checker.getTypeAtLocation(node.parent) : undefined;
      if (type && texts.has(checker.getPropertyOfType(type, member)?.id ?? -1)) local.add(checker.getSymbolAtLocation(node.name)?.id ?? -1);
    }
    if (isVariableDeclaration(node) && isIdentifier(node.name) && node.initializer && isString(node.name) && holds(node.initializer))
      local.add(checker.getSymbolAtLocation(node.name)?.id ?? -1);
  };
  const isLook = (node: Node): boolean => {
    if (isBinaryExpression(node)) {
      const compares = [SyntaxKind.EqualsEqualsEqualsToken, SyntaxKind.ExclamationEqualsEqualsToken].includes(node.operatorToken.kind);
      return (
        compares &&
        [node.left, node.right].some(isText) &&
        [node.left, node.right].some((side) => isStringLiteral(side) && side.text !== '')
      );
    }
    if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
    const { expression: of, name } = node.expression;
    if (LOOKS.has(name.text) && isString(of)) return isFromText(of);
    if (LOOKS_THROUGH.has(name.text)) return isText(of) && !isString(of);
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
