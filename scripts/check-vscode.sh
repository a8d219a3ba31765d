#!/usr/bin/env bash
# usage: check-vscode.sh [PICTURES]
# The colours of the labs in the engine of VS Code, and the extension in VS Code itself: code-server
# from npm, in a headless Chromium. All traffic is on the loopback interface. PICTURES is a
# directory for the screenshots; where pngquant is installed they become as small as those of
# docs/pictures.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=$PWD/scripts/editors/vscode/browser
code=$tools/node_modules/code-server
# What has to be compiled of code-server, and of VS Code.
modules=(argon2)
modules_of_code=(node-pty @vscode/spdlog native-watchdog @parcel/watcher)

fail() {
  echo "check-vscode: $*" >&2
  exit 1
}

for command in node npm g++ make rg "${NSL_CHROMIUM:=chromium}"; do
  command -v "$command" >/dev/null || fail "$command is missing"
done
[[ $(node --version) == v20.* ]] || fail "this code-server needs Node.js 20, not $(node --version)"
NSL_CHROMIUM=$(command -v "$NSL_CHROMIUM")
if [[ -e /usr/include/node/node.h ]]; then
  export npm_config_nodedir=/usr # else npm loads the headers from nodejs.org
fi

scratch=$(mktemp -d)
own=(HOME="$scratch" XDG_RUNTIME_DIR="$scratch" SHELL=/bin/bash)
export NSL_CHROMIUM
server=
finish() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  env "${own[@]}" bin/nsl down lab >/dev/null 2>&1 || true
  rm -rf "$scratch"
}
trap finish EXIT

# The scripts of packages are not run: one of them loads a program from elsewhere.
quiet=(--ignore-scripts --no-audit --no-fund --loglevel error)
install() {
  cmp -s "$tools/package-lock.json" "$tools/node_modules/installed" && return
  (cd "$tools" && npm ci "${quiet[@]}" && npm rebuild --loglevel error "${modules[@]}")
  (cd "$code/lib/vscode" && npm install --omit dev "${quiet[@]}" && npm rebuild --loglevel error "${modules_of_code[@]}")
  ln -sfn node_modules "$code/lib/vscode/node_modules.asar"
  mkdir -p "$code/lib/vscode/node_modules/@vscode/ripgrep/bin"
  ln -sf "$(command -v rg)" "$code/lib/vscode/node_modules/@vscode/ripgrep/bin/rg"
  cp "$tools/package-lock.json" "$tools/node_modules/installed"
}

serve() {
  local run=(env "${own[@]}" node "$code/out/node/entry.js" --user-data-dir "$scratch/data" --extensions-dir "$scratch/extensions")
  mkdir -p "$scratch"/data/{User,Machine} "$scratch/lab"
  cp "$tools/lab.nsl" "$scratch/lab/"
  cp "$tools/settings.json" "$scratch/data/User/"
  jq -n --arg nsl "$PWD/bin/nsl" '{"nsl.path": $nsl}' >"$scratch/data/Machine/settings.json"
  "${run[@]}" --install-extension scripts/editors/vscode/dist/nsl.vsix
  "${run[@]}" --bind-addr 127.0.0.1:0 --auth none --disable-telemetry --disable-update-check \
    --disable-getting-started-override --disable-workspace-trust >"$scratch/log" 2>&1 &
  server=$!
  for ((tries = 0; tries < 600; tries++)); do
    url=$(sed -n 's/.*HTTP server listening on \(http[^ ]*\).*/\1/p' "$scratch/log")
    [[ -z $url ]] || return 0
    kill -0 "$server" || break
    sleep 0.1
  done
  cat "$scratch/log" >&2
  fail "code-server does not start"
}

install
NSL_TMGRAMMAR=$tools/node_modules/.bin/vscode-tmgrammar-test go test -count 1 ./scripts/geneditors -run TestTextMate -v
make --no-print-directory build vsix
serve
pictures=${1:-$scratch/pictures}
mkdir -p "$pictures"
env "${own[@]}" timeout 600 node "$tools/drive.js" "$url" "$scratch/lab" "$pictures" || {
  cp "$pictures/failed.png" "${TMPDIR:-/tmp}/check-vscode-failed.png" 2>/dev/null || true
  fail "see ${TMPDIR:-/tmp}/check-vscode-failed.png"
}
if command -v pngquant >/dev/null; then
  pngquant --force --ext .png --strip 32 "$pictures"/*.png
fi
