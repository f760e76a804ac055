/** The exit statuses of the command line. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** The configuration, or what was given on the command line, is wrong: a restart does not help. */
  misconfigured: 2,
  /** The encryption keys in the data folder are not those of the account's device: a restart does not help. */
  keysUnusable: 3,
} as const;
