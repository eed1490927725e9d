#!/usr/bin/env bash
# Builds, serves, tests and measures pcaplain. Each command does its own set-up.
#
#   ./build.sh serve [port]   build the site and serve it on this machine
#   ./build.sh test           everything that must pass
#   ./build.sh build          the site into site/dist/, the command into bin/
#   ./build.sh bench          speed and sizes, against peers where they are installed
#   ./build.sh lab [id...]    make the captures again in network namespaces (root)
#   ./build.sh clean          remove what the others made
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '\n== %s\n' "$*"; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

need_tools() {
  command -v go >/dev/null || die "Go is missing: install Go 1.26 or newer (go.mod names the version)."
  command -v node >/dev/null || die "Node.js is missing: install Node.js 20.19 or newer with npm."
}

# npm packages, once per change of the lock file.
need_packages() {
  need_tools
  local stamp=site/node_modules/.lock-stamp
  if ! cmp -s site/package-lock.json "$stamp" 2>/dev/null; then
    say "npm packages"
    (cd site && npm ci --no-audit --no-fund)
    cp site/package-lock.json "$stamp"
  fi
}

need_debian() { # package, what for
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || die "$1 is missing ($2): install it with the system's package manager, or run as root on Debian."
  say "installing $1 ($2)"
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1" >/dev/null ||
    { apt-get update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$1" >/dev/null; }
}

need_browser() {
  command -v chromium >/dev/null || need_debian chromium "the tests run in a real browser"
}

core() {
  need_tools
  mkdir -p site/gen
  # Inlining stays on only where packets are counted by the million: without it the
  # rest is a tenth smaller to download, and no slower that anyone could tell.
  GOOS=js GOARCH=wasm go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' \
    -gcflags=all=-l -gcflags=runtime/...= -gcflags=runtime= -gcflags=pcaplain/analyzer/internal/capture= \
    -gcflags=pcaplain/analyzer/internal/packet= -gcflags=pcaplain/analyzer/internal/conversation= \
    -o site/gen/core.wasm ./wasm
  # The glue must be the compiler's own, so it is taken from the installed Go.
  cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" site/gen/wasm_exec.js
}

build() {
  need_packages
  say "core"
  core
  say "command"
  go build -trimpath -o bin/pcaplain ./analyzer/cmd/pcaplain
  say "site"
  (cd site && npm run --silent build)
}

serve() {
  build
  (cd site && exec node scripts/serve.mjs dist "${1:-8080}")
}

test_go() {
  say "Go: format and vet"
  local unformatted
  unformatted=$(gofmt -l analyzer wasm testdata)
  [ -z "$unformatted" ] || die "not formatted: $unformatted"
  go vet ./...
  GOOS=js GOARCH=wasm go vet ./wasm
  say "Go: tests"
  go test ./...
  say "Go: the same tests as WebAssembly"
  PATH="$(go env GOROOT)/lib/wasm:$PATH" GOOS=js GOARCH=wasm go test ./analyzer/...
}

# Every fuzz target for a while; a crasher is kept by go test under testdata/fuzz.
test_fuzz() {
  # A count by default: at the end of a time go's fuzzer can fail for no fault of
  # the code. FUZZ=60s fuzzes for a minute each.
  local most=${FUZZ:-10000x} package target
  say "Go: fuzzing, $most each"
  for package in $(go list ./analyzer/...); do
    for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
      go test -run '^$' -fuzz "^$target\$" -fuzztime "$most" "$package"
    done
  done
}

test_site() {
  say "Site: format, types, unit tests"
  (cd site && npm run --silent check && npm run --silent lint && npm run --silent test)
  say "Site: a real browser"
  need_browser
  (cd site && npm run --silent e2e)
}

sizes() {
  say "Download before the first answer (brotli 11)"
  (cd site && node scripts/sizes.mjs)
}

run_tests() {
  test_go
  build
  sizes
  test_site
  test_fuzz
  say "Speed"
  BENCH_MB=10 BENCH_RUNS=1 bench
}

# Go benchmarks, then the command and the page against peers on generated
# captures: BENCH_MB each, BENCH_RUNS turns. Nothing fails for being slow.
bench() {
  local folder status=0 peer
  for peer in tshark tcptrace; do
    command -v "$peer" >/dev/null || { [ "$(id -u)" = 0 ] && (need_debian "$peer" "to compare with") || true; }
  done
  need_browser
  go test -run '^$' -bench . -benchmem -benchtime "${BENCH_TIME:-1x}" ./analyzer/...
  folder=$(mktemp -d)
  go test -count 1 -run '^TestWriteTraffic$' ./analyzer -args -traffic "$folder" -traffic-size "${BENCH_MB:-100}" >/dev/null &&
    (cd site && node scripts/bench.mjs "$folder" "${BENCH_RUNS:-3}") || status=$?
  rm -rf "$folder"
  return "$status"
}

clean() {
  rm -rf site/dist site/gen site/node_modules bin .cache
}

case "${1:-}" in
  build) build ;;
  serve) serve "${2:-}" ;;
  test) run_tests ;;
  bench) build; bench ;;
  lab) shift; exec testdata/lab/run "$@" ;;
  clean) clean ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
