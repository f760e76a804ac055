// Messages about the configuration: what a value is, hints, and warnings. English only: the configuration is read before
// the language of any user is known.

/** To be read after "KEY is". */
export const FOUND = {
  missing: 'missing',
  given_twice: 'given twice',
  given_by_both: ({ variable, fileVariable }: { variable: string; fileVariable: string }) =>
    `given by both ${variable} and ${fileVariable}`,
  empty_list: 'an empty list',
  list: 'a list',
  section: 'a section',
  single_value: 'a single value',
  wrong_entry: ({ entry }: { entry: string }) => `a list in which one entry is ${entry}`,
  lost_reference: 'a reference to nothing',
  tag_or_anchor: 'a YAML tag or anchor',
  invalid_yaml: 'not valid YAML',
  folder: 'a folder',
  not_permitted: 'not readable by the user that the bot runs as',
  unreadable: ({ reason }: { reason: string }) => `not readable (${reason})`,
  empty_secret: 'in a file that is empty',
  unusable_secret: ({ found }: { found: string }) => `in a file that is ${found}`,
} as const;

/** What to do about a value; full sentences. */
export const HINTS = {
  quote_marks: 'A value that starts with !, & or * has to stand in quotes.',
  quote_scalar: 'A value that starts with @, ` or % has to stand in quotes, such as "@admin:example.org".',
  quote_alias: 'A value that starts with & or * has to stand in quotes.',
  double_backslash: 'In double quotes a backslash starts an escape; write it twice, or use single quotes.',
  indentation: 'The indentation does not fit the lines before, or a bracket is not closed.',
  quote_colon: 'A value that contains ": " has to stand in quotes; otherwise look at the indentation.',
  mark_missing: 'A closing quote or bracket, a colon or a comma is missing here or somewhere before.',
  colon_missing: 'A key is not followed by a colon, or a quote is not closed.',
  one_document: 'There is a line with --- in the middle of the file.',
  no_tabs: 'Indent with spaces, not with tabs.',
  look_at_quotes: 'Look at quotes and dashes; a quote within single quotes is written twice.',
  docker_folder:
    'Docker makes an empty folder where a file that does not exist is mounted: create the file first.',
  trust_needs_encryption: 'Devices can be told apart only by their encryption keys.',
  widget_https: 'Clients are on https, and browsers do not show http pages in them.',
  one_line: 'It must be on one line.',
  token_characters: 'It contains a space or another character that no access token has.',
  recovery_key: 'It is incomplete or has a typing error.',
  address_scheme: 'An address starts with https:// (or http://).',
  address_invalid: 'That is no valid address.',
  address_credentials: 'A user name or password does not belong into this address.',
  address_query: 'Leave out what follows the ? or #.',
  user_id_length: 'User IDs have at most 255 characters.',
  user_id_server: 'A user ID needs the name of its server behind a colon.',
  user_id_at: 'A user ID starts with @.',
  server_name: 'What follows the colon is no server name.',
  localpart: 'It contains a space or another character that no localpart has.',
  port_missing: 'The port is missing.',
  port_too_big: 'Ports go up to 65535.',
  no_ipv6: 'What stands in the brackets is no IPv6 address.',
  no_host: 'What stands before the colon is no host name.',
  proxy_address:
    'Only addresses and networks will do: not the name of a machine or a container, and no port.',
  network_prefix: 'What follows the slash is a number of bits: at most 32 for IPv4, 128 for IPv6.',
  network_everybody: 'Then anybody could claim to be at any address.',
  origin: 'An origin has the form https://host or https://host:port, without a path.',
  no_ancestors: 'No client could show the widget. To switch it off, set widget.enabled to false.',
  zero_uses: 'Synapse treats 0 as unlimited.',
  unit_missing: 'The unit is missing: s, m, h, d or w.',
  too_short: 'That is too short.',
  too_long: 'That is too long.',
} as const;

/** One or two full sentences each. */
export const WARNINGS = {
  unknown_key: ({ key }: { key: string }) => `Unknown configuration key ${key}; it has no effect.`,
  unknown_variable: ({ variable, guess }: { variable: string; guess: string }) =>
    `Unknown environment variable ${variable}; it has no effect. Is ${guess} meant?`,
  space_missing: 'A space is missing after the colon.',
  not_dotted: ({ section, key }: { section: string; key: string }) =>
    `Write "${key}:" indented below "${section}:" instead.`,
  meant: ({ guess }: { guess: string }) => `Is ${guess} meant?`,
  both_credentials: ({ token, password }: { token: string; password: string }) =>
    `Both ${token} and ${password} are given; ${token} is used.`,
  plain_http: ({ key }: { key: string }) =>
    `${key} uses http without TLS: passwords and access tokens can be read on the way. Use https.`,
  nobody_allowed:
    'access.default is nobody and access.allow is empty: nobody can use the bot until somebody is added, unless people were allowed by command before.',
  trust_without_widget:
    'bot.trust is signed, so the widget stays off, although widget.public_url is given: signing in to it proves no device. Leave widget.public_url out, or set bot.trust to any.',
  widget_stays_off: ({ given, wanted }: { given: string; wanted: string }) =>
    `${given} is given, but ${wanted} is not: the widget stays off. Set ${wanted} to the address at which browsers reach it, or widget.enabled to false.`,
} as const;
