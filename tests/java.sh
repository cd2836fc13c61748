#!/bin/sh
# The Java that the tests of Spark need: `java.sh install` before the tests (CI or root, with apt), `java.sh tell` after.
set -eu

has_java() {
  java=java
  if [ -n "${JAVA_HOME:-}" ]; then java="$JAVA_HOME/bin/java"; fi
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -n 1) || return 1
  [ "${version:-0}" -ge 17 ]
}

install() {
  if has_java || ! command -v apt-get >/dev/null; then return; fi
  root=""
  if [ "$(id -u)" -ne 0 ]; then
    if [ "${CI:-}" != true ] || ! command -v sudo >/dev/null; then return; fi
    root="sudo -n"
  fi
  echo "Installing Java 17 for the tests of Spark."
  { $root apt-get update -qq && $root apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless; } \
    >/dev/null || echo "Java could not be installed." >&2
}

case "${1:-}" in
  install) install ;;
  tell) has_java || echo "The Spark tests were left out: Java 17 or later is not on this machine." ;;
  *) echo "usage: java.sh install|tell" >&2; exit 2 ;;
esac
