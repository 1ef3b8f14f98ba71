# Debian-based: the native core of Temporal's SDK needs glibc.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY tools ./tools
COPY src ./src
COPY workflows ./workflows
COPY activities ./activities
RUN node tools/prepare.mjs --force

FROM node:22-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && mkdir /data
# What is in the image, for whoever has to know (CycloneDX).
RUN npm sbom --omit=dev --sbom-format=cyclonedx > sbom.cdx.json

# Nothing is run from here on, and nothing needs a shell. The root file system may be read-only: only /data is written to.
FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    ADMIN_HOST=0.0.0.0 \
    DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies --chown=1000:1000 /data /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/sbom.cdx.json ./
COPY --from=build /app/dist ./dist
COPY package.json LICENSE README.md ./
# The image's user node, by number, so that whoever runs it can see that it isn't root.
USER 1000:1000
VOLUME /data
EXPOSE 3000 3001 9464
# The receiver's readiness, by Node itself: the image has no curl. The worker's is at HEALTH_PORT=3001.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT ?? process.env.PORT ?? 3000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=32", "--enable-source-maps", "dist/src/cli/main.js"]
CMD ["receiver"]
