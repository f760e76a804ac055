// Advice beyond a problem's remedy, in Markdown.
import type { ProblemCode } from '../../common/problems/catalogue.ts';

const WRONG_CREDENTIAL =
  "It is wrong, was changed or revoked, or the account is deactivated. Try a password in a client. At the start with the bot's own credentials the bot ends with status 2. While it runs, it goes on trying: put in a new token and restart it.";
const TWO_ACCOUNTS = 'Token and user name are of two accounts.';
const NEVER_AN_OLD_COPY = 'Never put back an old `crypto.sqlite`.';
const BAD_DISK = 'A fault of the disk, or the file was copied while the bot ran.';
const OLDER_VERSION = 'Going back to an older version needs a back-up made with it.';
const NAMED_EXACTLY = 'An entry has to be named exactly as it stands in the list.';
const OWN_WORDS = "The homeserver's own words stand in the middle.";

export const ADVICE: Partial<Record<ProblemCode, string>> = {
  port_taken:
    'Another program, or another bot. `ss -ltnp` shows which. It is about the widget or about the metrics.',
  port_forbidden: 'Ports below 1024 are for root. Use another, and the reverse proxy in front of it.',
  address_not_here:
    '`widget.listen` or `metrics.listen` names an address that the machine, or the container, does not have. In a container: `0.0.0.0:8080`.',

  server_address_invalid: 'The message ends with what is wrong with it.',
  well_known_invalid: "The file `/.well-known/matrix/client` of the server's web site is wrong.",
  device_has_keys: 'The token is that of a client in use, or of the old bot.',
  folder_unusable: "The folder can't be written to by whoever runs this.",

  bot_password_refused: WRONG_CREDENTIAL,
  bot_token_refused: WRONG_CREDENTIAL,
  admin_password_refused: WRONG_CREDENTIAL,
  admin_token_refused: WRONG_CREDENTIAL,
  bot_login_mismatch: TWO_ACCOUNTS,
  admin_login_mismatch: TWO_ACCOUNTS,

  homeserver_unreachable:
    'The reason in parentheses is one of those below. From the machine of the bot, not from yours, try `curl ADDRESS/_matrix/client/versions`. In a container, `localhost` is the container itself.',
  homeserver_limits:
    "HTTP 429. Commands wait as long as it says; the token API two minutes at most. Free the bot's account of [rate limits](deploy.md#rate-limits): `check` says how.",
  homeserver_failed: 'The homeserver has a fault.',
  not_a_matrix_answer:
    'A reverse proxy answered in its place. 502 and 504: the homeserver behind the proxy is down. 404: the proxy does not pass this path on.',
  answer_cut: 'The answer was cut on the way; what was asked for may have been done.',
  homeserver_refused: OWN_WORDS,
  given_up:
    'For two minutes it answered otherwise and failed at this message. What follows is its last answer; its log says more.',
  no_homeserver_there: 'Something answers at `bot.server`, but it is another program.',
  sync_silent: 'The connection is dead, without an error.',
  machine_slept: 'The same, after a laptop or a virtual machine was suspended. Nothing to do.',
  sync_stuck: 'The bot ends, so that it is started again; nothing is lost. If it comes back, report it.',

  token_api_missing:
    "The reverse proxy does not pass `/_synapse/admin` on, and on the internet it need not: Synapse's own address is, for example, `http://localhost:8008`. Or the homeserver is not Synapse.",
  token_api_refused_input: OWN_WORDS,
  admin_rights_missing:
    'To make it one: Synapse\'s admin API, `PUT /_synapse/admin/v1/users/@bot:example.org/admin` with `{"admin": true}`.',
  admin_token_ended: 'With `api.username` and `api.password` the bot renews it by itself.',
  backend_unsupported: '`synapse` is possible as well.',
  token_api_odd_answer: 'A proxy or another program answers at `api.base_url`.',
  token_unnameable: 'A token that is only `.` or `..` was made elsewhere.',

  nothing_to_confirm: 'No question of yours is open in this room.',
  question_of_another: 'Who asked for the deletion decides.',
  too_many_shown: 'Use several messages, or `list`.',
  name_like_option: 'It looks like a number of uses or an expiry.',
  token_not_found: 'A typing error (capitals count), or somebody deleted it.',
  token_name_taken: 'The same, reported by the homeserver.',
  token_characters: 'No umlauts, no spaces: links and registration forms would break them.',
  token_deleted_meanwhile: 'While you were editing it, or while the bot could not do the edit.',
  token_changed_meanwhile:
    'While you were editing it, or while the bot could not do the edit. Their change stays.',
  length_too_small: 'Shorter ones could be guessed.',
  uses_too_small: 'Synapse treats 0 as unlimited.',
  count_too_big: 'Use several messages.',
  expiry_not_whole: 'For programs that use the API.',
  expiry_too_late: 'Use `never`.',

  access_denied: 'If nobody can any more: name yourself under `access.allow` and restart the bot.',
  own_access_lost: 'Nobody can lock themselves out by a command.',
  pattern_not_listed: NAMED_EXACTLY,
  pattern_covered: NAMED_EXACTLY,
  pattern_with_space: 'Several patterns are separated by spaces in a command; in one there is none.',
  pattern_repeats_at: 'Patterns are regular expressions: `@.*:example.org`, not `@*:example.org`.',
  pattern_invalid:
    "The reason in parentheses is the regular expression engine's (RE2: no look-ahead, no back references).",

  identity_untold:
    "Synapse answers `/_matrix/federation/v1/openid/userinfo` only on such a listener, and the proxy has to pass it on. Point `widget.openid_url` to an address where it does: Synapse's own, mostly.",
  fault_of_the_bot: 'Report it with that part of the log.',
  identity_elsewhere:
    "The widget signs in users of the bot's homeserver only. Others who were allowed use the commands.",
  identity_not_proved: 'If it stays, `widget.openid_url` leads to another homeserver.',
  session_missing: '`Authorization: Bearer …`, from `POST /api/v1/session`.',
  session_ended: 'One idle hour, twelve hours in all, or access taken away.',
  too_many_requests:
    '600 a minute for a person who is signed in, and 60 sign-ins. For an address, 120 without a session and 60 sign-ins that fail: `web.trusted_proxies` says whose word about addresses counts.',
  sign_in_unreachable: 'The log and `status` name the address and the reason.',
  sign_in_limited: "Raise the homeserver's limits for the bot's address, if it stays.",
  sign_in_failed: 'The log and `status` name the address and the reason: often `widget.openid_url`.',
  request_too_large: 'More than 80 KB.',
  request_unreadable: 'A broken path, or a compressed body.',
  nothing_here: 'If the widget shows it: the proxy does not take the path prefix off.',
  wrong_method: 'Another method.',
  cursor_foreign: 'State, search or order were changed while paging.',
  fields_unknown: 'Fields that the API does not have.',
  field_wrong: 'A field of the request. `/api/v1/openapi.json` describes them.',
  request_wrong: '`/api/v1/openapi.json` describes what is wanted.',

  identity_foreign:
    "Somebody used the account with Element, or the data folder was lost. See [the bot's identity](encryption.md#the-bots-identity-and-its-recovery-key).",
  recovery_key_refused: 'The account has secret storage with another key.',
  reset_needs_password: '`bot.reset_identity` needs `bot.password`.',
  encryption_off: 'Nothing was sent.',
  own_device_unsigned:
    'Nothing was sent. A line before it says what is the matter with the identity, such as [that it is somebody else’s](encryption.md#the-bots-identity-and-its-recovery-key).',
  device_unsigned: 'See [only verified devices](encryption.md#only-verified-devices).',
  room_unencrypted: 'See [only verified devices](encryption.md#only-verified-devices).',
  room_too_big: 'Nothing was sent, and the bot leaves the room.',
  members_untold:
    "An answer to an encrypted room waits. A proxy may have answered in the homeserver's place.",
  encryption_answer_odd:
    'Something on the way answers in its place, or the homeserver has a fault. It is asked again.',

  keys_without_device: 'A token of an application service, or one made by an admin.',
  keys_of_another_account: "The folder is another bot's.",
  keys_lost:
    'The folder was lost while the access token stayed; or the token is that of a client you use. Give the bot a login of its own.',
  keys_differ: 'Two programs use the same device, or the folder is of another time.',
  keys_outdated: `${NEVER_AN_OLD_COPY} The bot counts its starts, and the hours in which it uses its keys, on the homeserver as well, and this copy has counted fewer. Stop the other process, if there is one.`,
  keys_older_than_published: `${NEVER_AN_OLD_COPY} Stop the other process, if there is one.`,

  data_dir_in_use:
    'Two bots on one folder would answer everything twice. The lock goes with its process, however that ended.',
  data_dir_unusable:
    "Owner, mode, read-only file system, full disk. In a container, the folder has to belong to the bot's user. Network file systems without locks don't work.",
  data_dir_unwritable: 'While it runs: the disk is full or was mounted read-only. Nothing new is taken in.',
  keys_unwritable: 'The bot ends, since it must not use keys that are not on the disk.',
  data_dir_of_another: '`bot.username` or `bot.server` was changed.',
  state_file_damaged: `${BAD_DISK} Restore a back-up of \`bot.sqlite\`, never one of \`crypto.sqlite\`.`,
  crypto_store_damaged: `${BAD_DISK} With a password, the bot becomes a new device at the next start.`,
  state_file_newer: OLDER_VERSION,
  crypto_store_newer: OLDER_VERSION,
  crypto_store_foreign: 'Some other program writes into the data folder.',
};
