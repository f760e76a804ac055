/** The exit statuses of the command line. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** The configuration, or what was given on the command line, is wrong: doing it again does not help. */
  misconfigured: 2,
  /** The encryption keys in the data folder are not those of the account's device: nor does it here. */
  keysUnusable: 3,
} as const;
