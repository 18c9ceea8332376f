# docker build -t yingda . && docker run -p 8080:8080 -v yingda:/data yingda
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build && mkdir /data

# The binary is static and carries the guide. Around it it needs only the authorities that vouch for
# the webhook's server.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/bin/yingda /yingda
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD ["/yingda", "health", "-url", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/yingda"]
CMD ["serve", "-listen", "0.0.0.0:8080", "-data", "/data"]
