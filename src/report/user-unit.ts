interface UnitInput {
  readonly project: string;
  /** Absolute. */
  readonly file: string;
  /** How this program is called. */
  readonly command: readonly string[];
  readonly path: string;
}

/**
 * A systemd user unit that brings the servers of a manifest up when the user's services start, and stops them cleanly when
 * those end. The supervisors live in its control group, so they are the unit's only processes that stay.
 */
export function userUnit({ project, file, command, path }: UnitInput): string {
  const call = (verb: string): string => [...command, verb, '--file', file].map((word) => quoted(word.replaceAll('$', '$$$$'))).join(' ');
  return `# Save this as ~/.config/systemd/user/cotenant-${project}.service, then run:
#   systemctl --user daemon-reload && systemctl --user enable --now cotenant-${project}
# To start it at boot, before anybody logs in, also run: loginctl enable-linger
[Unit]
Description=Database servers of ${project} (cotenant)

[Service]
Type=oneshot
RemainAfterExit=yes
Environment=${quoted(`PATH=${path}`)}
ExecStart=${call('up')}
ExecStop=${call('down')}
TimeoutStartSec=10min
TimeoutStopSec=5min
KillMode=mixed

[Install]
WantedBy=default.target
`;
}

/** A word as systemd reads it: quoted, with its signs escaped. */
function quoted(word: string): string {
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}
