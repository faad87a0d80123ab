# syntax=docker/dockerfile:1
# One image for every role: `workflow` alone is the whole system on the embedded database, `api`, `worker` and
# `migrate` are the roles on PostgreSQL (docker-compose.yml).

FROM rust:1.95.0-bookworm AS builder
WORKDIR /src
COPY . .
# The caches stay with the builder, so the binary is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin workflow \
    && cp target/release/workflow /usr/local/bin/workflow

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
RUN install --directory --owner=10001 --group=10001 /data
COPY --from=builder /usr/local/bin/workflow /usr/local/bin/workflow

# A number, so that an orchestrator can verify that it is not root.
USER 10001:10001
# The default database, data/crewai.db, is then inside the volume. Nothing else is written: the root file system may
# be read-only.
WORKDIR /
VOLUME /data

# Others reach a container, so that it serves whoever has a key: `workflow keys create --role admin --name NAME`.
ENV WORKFLOW_AUTH=required
ENV WORKFLOW_LISTEN=0.0.0.0:3001
EXPOSE 3001

ENTRYPOINT ["workflow"]
