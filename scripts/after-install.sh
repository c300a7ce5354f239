#!/bin/sh
# Makes users, catalog and unit known on the machine that was installed to.
# usage: after-install.sh SYSCONFDIR
set -eu
systemd-sysusers failoverd.conf
journalctl --update-catalog
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
cat <<EOF
Next:
  1. install -m 0640 -g failoverd config.yaml $1/failoverd/config.yaml   and make it yours
  2. failoverctl check $1/failoverd/config.yaml
  3. systemctl enable --now failoverd
  4. usermod -aG failoverd YOU    so that you may ask; failoverd-admin to reload
EOF
