import type { Reporter, TestModule } from 'vitest/node';

/** Names once more, as the last words of a run, what failed: a log that is cut keeps its end. */
export class Failed implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.flatMap((module) => [...named(module)]);
    if (failed.length > 0) process.once('exit', () => console.error(`\nfailed:\n${failed.join('\n')}`));
  }
}

function* named(module: TestModule): Generator<string> {
  for (const { message } of module.errors()) yield `  ${module.relativeModuleId}: ${line(message)}`;
  for (const suite of module.children.allSuites())
    for (const { message } of suite.errors()) yield `  ${module.relativeModuleId} > ${suite.fullName}: ${line(message)}`;
  for (const test of module.children.allTests('failed')) {
    const [error] = test.result().errors ?? [];
    yield `  ${module.relativeModuleId} > ${test.fullName}: ${line(error?.message ?? '')}`;
  }
}

const line = (message: string): string => (message.split('\n', 1)[0] ?? '').slice(0, 300);
