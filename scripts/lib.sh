# shellcheck shell=bash
# What the scripts here share: one line a step, a log for the rest, one line for a failure.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LOGS=$ROOT/.cache/logs
SCRIPT=$(basename "$0")

say() {
  printf '%s: %s\n' "$SCRIPT" "$*"
}

die() {
  printf '%s: %s\n' "$SCRIPT" "$*" >&2
  exit 1
}

# logged NAME SENTENCE COMMAND...: says the sentence, runs the command with its
# output in a log, and shows the end of that log only when the command fails.
logged() {
  local log=$LOGS/$1.log sentence=$2 started=$SECONDS
  shift 2
  mkdir -p "$LOGS"
  say "$sentence ..."
  if "$@" >"$log" 2>&1 </dev/null; then
    say "$sentence: done in $((SECONDS - started)) s"
    return
  fi
  tail -n 30 "$log" >&2
  die "$sentence failed: $* (whole log: ${log#"$ROOT"/})"
}

# Prints those of the named packages that are not installed.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
      sed -n 's/^ii *//p' | sort -u)
}
