#!/bin/sh
# Leaves a cache of ahead-of-time work in a distribution (JEP 483, 515): classes loaded and linked, and the profiles of
# methods under traffic. The program starts in half the time and has compiled what matters after seconds, not minutes.
# Runs the program with ports of the system's choice, lets some thousand requests pass, and stops it; the JVM writes the rest.
# usage: class-data.sh DIST [CLASSPATH_OF_THE_TRAFFIC]
set -eu
dist=$1
classpath=${2:-} # without one there is no traffic, and no profile
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f "$dist/lib/epp.aot"
# Hazelcast takes the first address that is free; the pool's name keeps builds on one machine apart.
base=$((20000 + $$ % 10000))
members=
for offset in 0 1 2 3 4 5 6 7; do
  members="${members:+$members, }\"127.0.0.1:$((base + offset))\""
done
printf 'endpoints: []\n' >"$work/endpoints.yaml"
cat >"$work/epp.yaml" <<EOF
plugins:
- {type: file-discovery, parameters: {path: $work/endpoints.yaml, watchFile: true}}
- type: queue-scorer
- type: kv-cache-utilization-scorer
- type: prefix-cache-scorer
dataLayer: {discovery: {pluginRef: file-discovery}}
stateStore:
  type: hazelcast
  hazelcast: {members: [$members]}
EOF
: >"$work/log" # there from the first look on
JAVA_OPTS="-XX:AOTCacheOutput=$work/epp.aot" "$dist/bin/epp" --pool-name "training-$$" --secure-serving=false --config-file "$work/epp.yaml" \
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
if [ -n "$classpath" ]; then
  . "$dist/bin/find-java.sh"
  java=$(epp_find_java)
  port=$(sed -n 's/.*"grpcPort":\([0-9]*\).*/\1/p' "$work/log")
  "$java" -XX:+UseSerialGC -Xmx256m -cp "$classpath" ai.llmd.epp.training.TrainingTraffic "$work/endpoints.yaml" "$port" >"$work/traffic" 2>&1 || {
    echo "the training traffic failed:" >&2
    cat "$work/traffic" >&2
    kill "$epp" 2>/dev/null || true
    exit 1
  }
fi
kill -TERM "$epp"
wait "$epp" || true
[ -s "$work/epp.aot" ] || { echo "no ahead-of-time cache was written:" >&2; cat "$work/log" >&2; exit 1; }
mv "$work/epp.aot" "$dist/lib/epp.aot"
