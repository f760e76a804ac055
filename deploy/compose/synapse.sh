#!/bin/sh
# What the containers with Synapse do in docker-compose.yml: `prepare`, then `run`, then `accounts`. Paths and
# names come from the environment. Each can be repeated: existing files and accounts are kept.
set -eu
umask 077

config="$SYNAPSE_DATA/homeserver.yaml"
# Top-level keys in here win over those of homeserver.yaml.
settings="$SYNAPSE_DATA/compose.yaml"
admin_password="$SYNAPSE_DATA/admin_password"

# The users that the images run with.
synapse_user=991
bot_user=1000
postgres_user=999

fail() {
  echo "$1" >&2
  exit 1
}

with_postgres() {
  case ",$COMPOSE_PROFILES," in
    *,postgres,*) true ;;
    *) false ;;
  esac
}

# A file with a secret: $2, or else a random one. Renamed into place, so never half written.
make_secret() {
  if [ -s "$1" ]; then return; fi
  secret="${2:-$(python3 -c 'import secrets; print(secrets.token_urlsafe(24))')}"
  printf '%s\n' "$secret" > "$1.new"
  mv "$1.new" "$1"
}

# Changes the owner to the containers' users; only root can.
give() {
  if [ "$(id -u)" = 0 ]; then chown -R "$1" "$2"; fi
}

prepare() {
  if [ ! -s "$config" ]; then
    python3 -m synapse.app.homeserver --generate-config --server-name "$MATRIX_SERVER_NAME" --report-stats no \
      --config-path "$config" --data-directory "$SYNAPSE_DATA"
  elif ! grep -q "^server_name: [\"']\{0,1\}$MATRIX_SERVER_NAME[\"']\{0,1\}\$" "$config"; then
    fail "MATRIX_SERVER_NAME is $MATRIX_SERVER_NAME, but this homeserver was made as another: $(grep '^server_name:' "$config")
A homeserver can't be renamed. Set it back in .env, or remove the volumes to begin anew (docker compose down --volumes)."
  fi
  make_secret "$admin_password" "$ADMIN_PASSWORD"
  make_secret "$BOT_SECRET/password"
  make_secret "$POSTGRES_SECRET/password"
  write_settings > "$settings.new"
  mv "$settings.new" "$settings"
  give "$synapse_user:$synapse_user" "$SYNAPSE_DATA"
  give "$postgres_user:$postgres_user" "$POSTGRES_SECRET"
  # Read by the bot, and by `accounts`, which makes its account.
  chmod 0750 "$BOT_SECRET"
  chmod 0440 "$BOT_SECRET/password"
  give "$bot_user:$synapse_user" "$BOT_SECRET"
}

write_settings() {
  cat << END
# Written at each start by deploy/compose/synapse.sh; for settings of your own, change homeserver.yaml beside it.
public_baseurl: "$MATRIX_ADDRESS"
listeners:
  - type: http
    port: ${SYNAPSE_LISTEN##*:}
    bind_addresses: ["${SYNAPSE_LISTEN%:*}"]
    x_forwarded: true
    resources:
      # "federation" has the OpenID endpoint, at which the bot checks who uses its widget.
      - names: [client, federation]
log_config: "$SETUP/synapse-log.yaml"
# Registration requires a token.
enable_registration: true
registration_requires_token: true
# Lets other servers find this one at MATRIX_ADDRESS.
serve_server_wellknown: true
suppress_key_server_warning: true
END
  if with_postgres; then
    cat << END
database:
  name: psycopg2
  args:
    host: "${POSTGRES_ADDRESS%:*}"
    port: ${POSTGRES_ADDRESS##*:}
    user: synapse
    dbname: synapse
    password: "$(cat "$POSTGRES_SECRET/password")"
    cp_min: 5
    cp_max: 10
END
  fi
}

run() {
  if with_postgres; then
    # As a container's first process, a shell ignores the signal to stop otherwise.
    trap 'exit 0' TERM INT
    # Synapse does not wait for its database.
    until python3 -c 'import socket, sys; socket.create_connection(sys.argv[1:], 2)' \
      "${POSTGRES_ADDRESS%:*}" "${POSTGRES_ADDRESS##*:}" 2> /dev/null; do sleep 1; done
  fi
  # Replaces the shell, so that Synapse gets the signal to stop.
  exec python3 -m synapse.app.homeserver --config-path "$config" --config-path "$settings"
}

accounts() {
  # The bot manages tokens with its own account, which has to be a server admin.
  outcome=$(register "$BOT_USERNAME" "$BOT_SECRET/password")
  echo "$outcome"
  case "$outcome" in
    *Success!*)
      # Once, when the account is made: Synapse allows few logins.
      lift_rate_limits "$BOT_USERNAME" "$BOT_SECRET/password" ||
        echo "The rate limits of $BOT_USERNAME could not be lifted. The bot works; its command \`status\` says how to lift them." >&2
      ;;
  esac
  register "$ADMIN_USERNAME" "$admin_password"
}

# Synapse limits all that an account sends, so whoever makes the bot answer would keep everybody else waiting. The account
# does it for itself, as a server admin, with a login that is ended again.
lift_rate_limits() {
  python3 - "$SYNAPSE_URL" "$1" "$2" << 'END'
import json, sys, urllib.error, urllib.parse, urllib.request

server, user, password_file = sys.argv[1:]

def post(path, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(server + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)

try:
    with open(password_file) as file:
        password = file.read().strip()
    login = post("/_matrix/client/v3/login", {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
    })
    token = login["access_token"]
    try:
        post("/_synapse/admin/v1/users/%s/override_ratelimit" % urllib.parse.quote(login["user_id"], safe=""),
            {"messages_per_second": 0, "burst_count": 0}, token)
    finally:
        post("/_matrix/client/v3/logout", {}, token)
except urllib.error.URLError as error:
    sys.exit(str(error))
END
}

register() {
  python3 -m synapse._scripts.register_new_matrix_user --exists-ok --admin --user "$1" --password-file "$2" \
    --config "$config" "$SYNAPSE_URL"
}

case "${1:-}" in
  prepare | run | accounts) "$1" ;;
  *) fail "Usage: synapse.sh prepare|run|accounts" ;;
esac
