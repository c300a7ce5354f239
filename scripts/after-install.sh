#!/bin/sh
# Makes users, catalog and unit known on the machine that was installed to.
# usage: after-install.sh SYSCONFDIR
set -eu
systemd-sysusers failoverd.conf
journalctl --update-catalog
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
cat <<EOF
Next:
  1. write $1/failoverd/config.yaml (an example is in share/doc/failoverd/config.yaml)
  2. failoverctl check $1/failoverd/config.yaml
  3. systemctl enable --now failoverd
EOF
