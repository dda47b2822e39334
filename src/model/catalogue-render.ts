import type { Codes } from './catalogue.ts';

/** CT47 files for a deployment. */
export const renderCodes: Codes = {
  CT4700: {
    title: 'Rendered file changed by hand',
    explanation:
      'The file bears the mark of `cotenant render`, and is no longer what that wrote. Somebody changed it on purpose, so it is told and left as it is: nothing of it is lost, and nothing new comes into it.',
    hint: 'Put what is your own into the place that docs/render.md names, move the file away, and render again.',
  },
  CT4701: {
    title: 'File of somebody else',
    explanation: 'A file that would be written is there already without the mark of `cotenant render`. It is told and left as it is.',
    hint: 'Move it away and render again, or pass another folder with --out.',
  },
  CT4703: {
    title: 'Path leads elsewhere',
    explanation:
      'On the way to a file that would be written lies a symbolic link, or something that is no plain file or folder. Nothing is written then, because it could be written outside of the folder.',
    hint: 'Remove what the message names.',
  },
  CT4704: {
    title: 'Files cannot be made so',
    explanation:
      'The strategy does not fit the manifest, or the folder does not: apps that are read across, or that `for` makes, cannot have servers of their own each; and the files cannot lie beside the manifest, because one of them has its name.',
    hint: 'The message says which it is, and what to choose instead.',
  },
  CT4706: {
    title: 'No files for this server',
    explanation: 'The engine of the instance does not say how its server is run in a container, or the server is not one that is rendered.',
    hint: 'Give the instance a url, and name it with --external.',
  },
  CT4707: {
    title: 'Two names would be one service',
    explanation: 'Names of services have small letters, digits and dashes only. Two apps or instances differ in nothing else.',
    hint: 'Rename one of them.',
  },
};
