import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where a small file runs a large suite. */
const LONG = /\/test\/(?:bystanders|conformance|e2e|edits|walls)\//;

/** Longest first, so that no file runs alone at the end: by the last run where there was one, else by size, which says nothing of these. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = sorted.filter(({ moduleId }) => LONG.test(moduleId));
    return [...first, ...sorted.filter((file) => !first.includes(file))];
  }
}
