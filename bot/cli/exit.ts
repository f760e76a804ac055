/** The exit statuses of the command line. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** The configuration, or what was given on the command line, is wrong: doing it again does not help. */
  misconfigured: 2,
} as const;
