import type { CatalogueEntry } from './catalogue.ts';

/** CT602 servers that `up` starts. */
export const serverCodes: Readonly<Record<string, CatalogueEntry>> = {
  CT6020: {
    title: 'What is known of a local server does not fit',
    explanation:
      'The file that says how a server was started is damaged, was written by another version, or is about a server of another engine than the manifest now names.',
    hint: 'The message says which of them it is, and what to do.',
  },
  CT6021: {
    title: 'The password of a local server is lost',
    explanation:
      "The server has data, and the secret store has no password of its admin: the store was lost, or the manifest's project has another name now. Without the password cotenant cannot work on the server.",
    hint: 'Write the project’s former name again, or bring the secret store back from a copy.',
  },
  CT6022: {
    title: 'No way to start a server',
    explanation:
      'The instance has no `url`, and none of the ways to start a server of its engine serves on this machine. The message says why for each of them, and which command would help.',
    hint: 'Make one of the ways work, or add the `url` of a server that is there.',
  },
  CT6023: {
    title: 'The port of a local server is taken',
    explanation:
      'A server keeps the port that it got at its first start, since apps know it. Another program listens on that port now, so the server is not started elsewhere behind their backs.',
    hint: 'End the other program.',
  },
  CT6024: {
    title: 'Another run works on a local server',
    explanation: 'One run at a time starts or stops a server. Another one has been at it for longer than a start takes.',
    hint: 'Wait for it, or end it.',
  },
  CT6025: {
    title: 'A supervisor does not stop',
    explanation:
      'The process that keeps a server alive did not end when it was told to, or belongs to another user. It waits for its server to write down what it has in memory.',
    hint: 'Try again as the user who started it; the log of the server says what it does.',
  },
  CT6026: {
    title: 'Not a server that cotenant starts',
    explanation:
      '`up`, `down` and `logs` work on instances that have no `url` in the manifest. This name is no instance, or one with a `url`.',
    hint: 'Name one of those that the message lists.',
  },
  CT6027: {
    title: 'No log of this app alone',
    explanation: 'The app is on no server that cotenant starts, or the log of its server does not say which app a line is about.',
    hint: 'Look at the log of the whole instance.',
  },
};
