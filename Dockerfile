# The bot with its widget. Its data, and config.yml if there is one, are in /data; everything else can be read-only.
#
#   docker build -t matrix-registration-bot .
#   docker run --read-only --tmpfs /tmp -v regbot:/data -v ./config.yml:/data/config.yml:ro matrix-registration-bot
#
# docs/deploy.md explains it. Images are pinned by version; to pin the digest, append it here.

# The widget: needs Vite and the other development dependencies, none of which gets into the image.
FROM node:24.21.0-trixie-slim AS widget
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY bot/matrix/crypto-stub bot/matrix/crypto-stub
RUN npm ci --no-audit
COPY tsconfig.json ./
COPY scripts scripts
COPY common common
COPY widget widget
RUN npm run build

# The bot, with what it needs at run time.
FROM node:24.21.0-trixie-slim AS bot
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY bot/matrix/crypto-stub bot/matrix/crypto-stub
# No package has an install script. The optional packages are Node itself, which the image has. Source maps are not used at
# run time, nor is TypeScript: Node runs none in node_modules.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit \
 && find node_modules -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' \) -delete
COPY LICENSE ./
COPY scripts/warm-compile-cache.mjs scripts/
COPY common common
COPY bot bot
COPY --from=widget /app/widget/dist widget/dist
# Compiled as the user that runs the bot, because Node's cache belongs to one user.
RUN install -d -o 1000 -g 1000 node_modules/.cache/compile \
 && setpriv --reuid=1000 --regid=1000 --clear-groups node scripts/warm-compile-cache.mjs \
 && chmod -R a+rX node_modules/.cache

FROM node:24.21.0-trixie-slim
LABEL org.opencontainers.image.title="Matrix Registration Bot" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=bot /app /app
RUN install -d -m 0700 -o 1000 -g 1000 /data
# These override config.yml.
ENV NODE_ENV=production \
    BOT_DATA_DIR=/data \
    WIDGET_LISTEN=0.0.0.0:8080 \
    HEARTBEAT_FILE=/tmp/heartbeat
USER 1000:1000
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s CMD ["node", "/app/bot/observability/healthcheck.mjs"]
# The bot handles SIGTERM as process 1, and starts no children. Arguments of `docker run` are added: --check, for example.
ENTRYPOINT ["node", "--max-semi-space-size=2", "--optimize-for-size", "--v8-pool-size=1", "--no-concurrent-sparkplug", "--no-concurrent-recompilation", "--disable-warning=DEP0060", "/app/bot/start.mjs"]
