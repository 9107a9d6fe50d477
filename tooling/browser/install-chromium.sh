#!/usr/bin/env bash
# Installs Debian's chromium where it is missing; elsewhere, or without root, says that somebody must.
set -euo pipefail
if command -v chromium >/dev/null; then exit 0; fi
id=$(. /etc/os-release 2>/dev/null && echo "$ID" || true)
if [ "$id" != debian ] || [ "$(id -u)" != 0 ]; then
  echo "chromium is missing, and only root on Debian can have it installed from here" >&2
  exit 1
fi
exec 9<"$0"
flock 9 # tests may run side by side, and apt allows one
if command -v chromium >/dev/null; then exit 0; fi
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends chromium >/dev/null
