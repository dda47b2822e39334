import type { Codes } from './catalogue.ts';

/** CT460 watching servers · CT602 servers that `up` starts. */
export const serverCodes: Codes = {
  CT4600: {
    title: 'Engine that does not tell what apps use',
    explanation:
      'Watching asks each engine for connections, sizes and work of the apps. This one has no such reading yet, so nothing is shown of its instances; the others are watched as usual.',
    hint: '`cotenant status` has sizes and connections of every engine.',
  },
  CT4601: {
    title: 'Engine that does not tell who is connected',
    explanation:
      'Sessions are listed and ended by each engine. This one has no list yet, so nothing is known of its sessions, and none of them was ended.',
    hint: 'The server’s own client has a list: `cotenant connect`.',
  },
  CT4602: {
    title: 'No such session',
    explanation:
      '`cotenant kill` was given a number that no server lists. The session has ended, or the number is of a server that did not answer.',
    hint: '`cotenant sessions` has the numbers.',
  },
  CT4603: {
    title: 'A session of cotenant itself',
    explanation:
      'The session belongs to a run of cotenant. Ending it would leave half done what that run has begun, so it is not ended, whoever asks.',
    hint: 'End the run itself: it finishes or rolls back what it has begun.',
  },
  CT4604: {
    title: 'A number that several servers have',
    explanation: 'Each server numbers its sessions by itself, and more than one has a session of that number.',
    hint: 'Say which with --instance.',
  },
  CT4605: {
    title: 'Session still there',
    explanation:
      'A session was told to end, and the server still lists it: the server refused, or the session rolls back what it has done, which can take as long as that took.',
    hint: 'Look again in a while: `cotenant sessions`.',
  },
  CT4606: {
    title: 'Nothing to tidy up',
    explanation:
      'The engine keeps no dead rows and no statistics of tables, or the app has no tables of its own there. Nothing was sent for it.',
  },
  CT6020: {
    title: 'State file of a local server does not match',
    explanation:
      'The file that records how a server was started is damaged, was written by another version, or describes a server of another engine, product or version than the manifest now names.',
    hint: 'The message says which it is, and what to do.',
  },
  CT6021: {
    title: 'Password of a local server lost',
    explanation:
      "The server has data, but the secret store has no password for its admin: the store was lost, or the manifest's project was renamed. Without the password cotenant cannot manage the server.",
    hint: 'Change the project back to its former name, or restore the secret store from a backup.',
  },
  CT6022: {
    title: 'No provider for a local server',
    explanation:
      'The instance has no `url`, and none of the providers of its engine works on this machine. The message gives the reason for each of them, and a command that would help.',
    hint: 'Make one of the providers work, or add the `url` of an existing server.',
  },
  CT6023: {
    title: 'Port of a local server in use',
    explanation:
      'A server keeps the port of its first start, since apps are configured with it. Another program now listens on that port, and the server is not silently moved to another one.',
    hint: 'Stop the other program.',
  },
  CT6024: {
    title: 'Another run is using a local server',
    explanation: 'Only one run at a time may start or stop a server. Another one has held the lock for longer than a start takes.',
    hint: 'Wait for it, or stop it.',
  },
  CT6025: {
    title: 'Supervisor does not stop',
    explanation:
      'The process that supervises a server did not exit when asked to, or belongs to another user. It waits until its server has written its memory to disk.',
    hint: 'Try again as the user who started it; the server’s log shows what it is doing.',
  },
  CT6026: {
    title: 'Not a server that cotenant starts',
    explanation:
      '`up`, `down` and `logs` work on instances that have no `url` in the manifest. This name is not an instance, or the instance has a `url`.',
    hint: 'Use one of the names listed in the message.',
  },
  CT6027: {
    title: 'No log for a single app',
    explanation: 'The app is not on a server that cotenant starts, or the log of its server does not say which app a line is about.',
    hint: 'Look at the log of the whole instance.',
  },
  CT6028: {
    title: 'Local server without an instance',
    explanation:
      '`up` started a server here, and the manifest has no local instance of that name any more: it was removed, renamed, or got a `url`. The server still runs. `logs` and `down` take its name.',
    hint: '`cotenant down --remove-orphans` stops it and keeps its data; with --volumes the data goes too.',
  },
};
