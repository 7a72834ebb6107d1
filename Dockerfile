# Builds the program and its health check, and leaves everything else behind.
FROM golang:1.26.8-bookworm AS build
ARG VERSION=development
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-trimpath GOCACHE=/cache/build GOMODCACHE=/cache/modules
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/cache go mod download
COPY . .
RUN --mount=type=cache,target=/cache \
    go build -ldflags "-s -w -X terrace/app.version=${VERSION}" -o /out/terrace ./cmd/terrace && \
    go build -ldflags "-s -w" -o /out/probe ./deploy/probe && \
    mkdir -p /out/evidence

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/terrace /out/probe /
# A new volume takes its owner from here.
COPY --from=build --chown=65532:65532 --chmod=700 /out/evidence /var/lib/terrace/evidence
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/terrace"]
CMD ["serve"]
