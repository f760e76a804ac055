// What is known of a problem of the configuration beyond the message itself. In Markdown.
import type { FOUND, HINTS, WARNINGS } from '../../bot/config/messages.ts';

export const FOUND_ADVICE: Partial<Record<keyof typeof FOUND, string>> = {
  missing:
    'The key has to be given, or the file that was named is not there. Relative names start at the working directory.',
  given_twice: 'YAML would silently take one of the two. Delete one.',
  given_by_both: 'A secret stands in a variable and in the file that the `_FILE` variable names. Unset one.',
  empty_list: 'At least one entry is needed.',
  list: 'One value is wanted: no dashes, no brackets.',
  section: 'One value is wanted: a line below it is indented by mistake, or a colon is followed by another.',
  single_value: 'A section or a list is wanted: keys indented below it, or `[a, b]`.',
  wrong_entry: 'Each entry has to be one text. Often quotes are missing.',
  lost_reference: 'A value that starts with `*` is a reference to YAML. Put it in quotes.',
  tag_or_anchor:
    'A value that starts with `!` or `&` means something to YAML. Put it in quotes: `prefix: "!"`.',
  invalid_yaml:
    'The line and column say where reading failed; the mistake may be a line before. The hints below may follow.',
  folder: 'A file is wanted. Docker makes an empty folder where a file that does not exist is mounted.',
  not_permitted: "Change the file's owner or mode: `chown`, `chmod 600`.",
  unreadable: "The system's own reason stands in parentheses.",
  empty_secret: 'The file that a `_FILE` variable names has nothing in it.',
  unusable_secret: "The file that a `_FILE` variable names can't be read, for the reason given.",
};

export const HINT_ADVICE: Partial<Record<keyof typeof HINTS, string>> = {
  quote_marks: 'As in `prefix: "!"`.',
  quote_scalar: 'User IDs above all.',
  quote_alias: 'The same.',
  double_backslash: 'Patterns and passwords with `\\`.',
  indentation: 'Keys of one section start in the same column.',
  one_document: 'The file is one document. Delete the line and what follows it.',
  look_at_quotes: "`'it''s'`",
  docker_folder: 'Delete the folder, create the file, start the container again.',
  widget_https: '`widget.public_url` needs https; a reverse proxy provides it.',
  one_line: 'A line break got into the value.',
  token_characters: 'Copied with something around it. Element: All settings → Help & About → Access Token.',
  recovery_key: 'A recovery key has 48 characters in groups of four and a checksum. Copy it anew.',
  address_credentials: 'Use `username` and `password`.',
  user_id_server: '`@bot:example.org`, or only `bot`.',
  port_missing: '`127.0.0.1:8080`',
  proxy_address: '`172.18.0.5`, or `172.18.0.0/16` for a network of Docker.',
  network_prefix: '`172.18.0.0/16`, `fd00::/64`',
  network_everybody: '`web.trusted_proxies` with `/0`. Name the addresses of your proxies.',
  origin: '`widget.frame_ancestors` wants origins, not pages.',
  no_ancestors: '`widget.frame_ancestors` is empty. Leave it out to let every client show it.',
  zero_uses: 'Write `unlimited`, if that is meant.',
  unit_missing: '`5m`, not `5`.',
  too_short: 'What is wanted stands above it.',
  too_long: 'What is wanted stands above it.',
};

export const WARNING_ADVICE: Partial<Record<keyof typeof WARNINGS, string>> = {
  unknown_key: 'A typing error, or a key of another program.',
  unknown_variable: 'It differs by one or two letters from one that the bot knows.',
  space_missing: '`key: value`',
  not_dotted: 'Sections are written as sections, not with a dot.',
  meant: 'The nearest key there is.',
  both_credentials: 'An access token wins over a password. Take out the one that is not meant.',
  plain_http: 'The address is not one of your own machine or network.',
  nobody_allowed: 'Name yourself under `access.allow`.',
  trust_without_widget: '[Only verified devices](encryption.md#only-verified-devices) says why.',
  widget_stays_off: '`widget.public_url` is what switches the widget on.',
};
