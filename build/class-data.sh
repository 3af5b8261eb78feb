#!/bin/sh
# Leaves a class-data archive in a distribution, so that the program starts in half the time: runs the program once until
# it serves, with ports of the system's choice and no endpoint, and stops it; the JVM writes what it loaded.
# usage: class-data.sh DIST
set -eu
dist=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f "$dist/lib/epp.jsa"
printf 'endpoints: []\n' >"$work/endpoints.yaml"
cat >"$work/epp.yaml" <<EOF
plugins:
- {type: file-discovery, parameters: {path: $work/endpoints.yaml, watchFile: true}}
- type: queue-scorer
- type: kv-cache-utilization-scorer
- type: prefix-cache-scorer
dataLayer: {discovery: {pluginRef: file-discovery}}
EOF
JAVA_OPTS="-XX:ArchiveClassesAtExit=$work/epp.jsa" "$dist/bin/epp" --pool-name training --config-file "$work/epp.yaml" \
  --grpc-port 0 --grpc-health-port 0 --metrics-port 0 >"$work/log" 2>&1 &
epp=$!
waited=0
until grep -q '"msg":"serving"' "$work/log"; do
  if [ "$waited" -ge 60 ] || ! kill -0 "$epp" 2>/dev/null; then
    echo "the program did not start:" >&2
    cat "$work/log" >&2
    kill "$epp" 2>/dev/null || true
    exit 1
  fi
  sleep 1
  waited=$((waited + 1))
done
kill -TERM "$epp"
wait "$epp" || true
[ -s "$work/epp.jsa" ] || { echo "no class-data archive was written:" >&2; cat "$work/log" >&2; exit 1; }
mv "$work/epp.jsa" "$dist/lib/epp.jsa"
