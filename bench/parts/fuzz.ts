import { figure, type Part } from '../support/part.ts';
export const fuzz: Part = {
  name: 'fuzz',
  title: 'Fuzzed manifests',
  how: '',
  async run() {
    return [figure('todo', '')];
  },
};
