/** What the driver's connection tells while a login is under way. */
interface Login {
  readonly stream: { destroy(error: Error): unknown };
  on(event: string, listener: (message: { readonly mechanisms: readonly string[] }) => void): unknown;
}

/** The server did not prove that it is at the other end of the TLS. */
export const NOT_BOUND = 'channel_binding=require: the server does not bind the login to TLS';

/** `channel_binding=require`: nothing is proved to a server that does not offer SCRAM-SHA-256-PLUS, and one that asks for nothing is left. */
export function requireBinding(login: Login): void {
  let bound = false;
  const refuse = (): void => void login.stream.destroy(new Error(NOT_BOUND));
  login.on('authenticationSASL', ({ mechanisms }) => {
    bound = mechanisms.includes('SCRAM-SHA-256-PLUS');
    if (!bound) refuse();
  });
  login.on('authenticationMD5Password', refuse);
  login.on('authenticationCleartextPassword', refuse);
  login.on('authenticationOk', () => {
    if (!bound) refuse();
  });
}
