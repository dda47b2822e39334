import { Visitor } from 'oxc-parser';
import type { CallExpression, Function as FunctionNode, ArrowFunctionExpression } from 'oxc-parser';
import type { Finding } from './direction.ts';
import { lineOf, type Module } from './modules.ts';

export const fileLimit = 300;
export const functionLimit = 70;

/** Files over the limit of lines. */
export function longFiles(modules: readonly Module[]): Finding[] {
  return modules.flatMap(({ path, source }) => {
    const lines = source.trimEnd().split('\n').length;
    return lines > fileLimit ? [{ path, what: `${lines} lines` }] : [];
  });
}

/** Functions over the limit of lines. The body of a `describe` is a list of tests, not one function. */
export function longFunctions(modules: readonly Module[]): Finding[] {
  return modules.flatMap(({ path, source, program }) => {
    const found: Finding[] = [];
    const groups = new Set<number>();
    const check = ({ start, end }: FunctionNode | ArrowFunctionExpression): void => {
      const first = lineOf(source, start);
      const lines = lineOf(source, end) - first + 1;
      if (lines > functionLimit && !groups.has(start)) found.push({ path, what: `the function at line ${first} has ${lines} lines` });
    };
    new Visitor({
      CallExpression(call) {
        if (isGroup(call)) for (const argument of call.arguments) groups.add(argument.start);
      },
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
    }).visit(program);
    return found;
  });
}

/** `describe(…)`, `describe.each(…)(…)`, `describeEachServer(…)`. */
function isGroup({ callee }: CallExpression): boolean {
  if (callee.type === 'Identifier') return callee.name.startsWith('describe');
  if (callee.type === 'CallExpression') return isGroup(callee);
  return callee.type === 'MemberExpression' && callee.object.type === 'Identifier' && callee.object.name === 'describe';
}
