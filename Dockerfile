# syntax=docker/dockerfile:1

FROM node:26-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY schemas schemas
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:26-slim
LABEL org.opencontainers.image.title="Lightwatch" \
      org.opencontainers.image.description="Logs, metrics, security events, heartbeats and alerts of a small team, in one process" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/data
WORKDIR /app
RUN install --directory --owner=node --group=node /data
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist/bin dist/bin
COPY --from=build /build/dist/src/dashboard/public dist/src/dashboard/public
USER node
VOLUME /data
EXPOSE 3000
# The process ends its own work on SIGTERM; run it with an init (`docker run --init`, `init: true`) all the same.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/bin/lightwatch.js"]
CMD ["serve"]
