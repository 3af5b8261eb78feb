#!/bin/sh
# Checks the dashboards against the types that Grafana publishes of its own schema: every member has to be one
# that Grafana knows, with a value of its kind. Run it after a dashboard was changed; it needs npm, and the network
# to fetch two packages. The rules that need neither are a test of the build (DashboardsTest).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund @grafana/schema@13.2.3 typescript@5.9.3
cat >tsconfig.json <<'END'
{"compilerOptions": {"strict": true, "noEmit": true, "module": "nodenext", "moduleResolution": "nodenext",
  "target": "es2022", "skipLibCheck": true, "types": []}, "include": ["*.ts"]}
END
count=0
for file in "$here"/dashboards/*.json "$here"/../helm/lib/files/dashboard.json; do
  {
    echo 'import type { Dashboard } from "@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen";'
    printf 'export const dashboard: Dashboard = '
    cat "$file"
    echo ';'
  } >"$(basename "$file" .json).ts" # a line of a message is one of the file and one more
  count=$((count + 1))
done
node_modules/.bin/tsc --project .
echo "$count dashboards are as Grafana wants them"
