#!/usr/bin/env bash
# Seconds from a fresh clone to the first answer, and from then on to the next one.
#   benchmarks/first_answer.sh [REPOSITORY]
set -euo pipefail
repository="${1:-$(cd "$(dirname "$0")/.." && pwd)}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export MEDKG_SNAPSHOT="$work/snapshot"
started=$(date +%s.%N)
git clone --quiet "$repository" "$work/clone"
cd "$work/clone"
make --silent ask Q="What are the symptoms of gout?"
first=$(date +%s.%N)
echo "fresh clone to first answer: $(awk "BEGIN { printf \"%.1f\", $first - $started }") s"
for question in "What is ibuprofen for?" "Can I take ibuprofen with warfarin?" "Which illness causes fever and a stiff neck?"; do
  before=$(date +%s.%N)
  make --silent ask Q="$question" >/dev/null
  echo "next answer: $(awk "BEGIN { printf \"%.1f\", $(date +%s.%N) - $before }") s  ($question)"
done
