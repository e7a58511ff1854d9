#!/bin/sh
# The half of `jdist builder` that runs on the builder's machine, in any POSIX sh. `jdist builder` sends it over ssh.
#
#   builder-host look SCHEDULER_IP PORT               print what the machine has
#   builder-host install MODE PREFIX DIRECTORY WAS_HERE
#   builder-host show MODE PREFIX                     print why a builder does not join
#   builder-host remove MODE PREFIX
#
# MODE is user (without root), system (the archive, as root) or package (Debian packages, as root).
set -eu
LC_ALL=C
export LC_ALL

# say KEY VALUE: a line for `jdist builder`. The @ tells it from what the login itself prints.
say() {
    printf '@%s=%s\n' "$1" "$2"
}

# A Java runtime that jdist can run on, as bin/jdist looks for one.
find_java() {
    on_path=$(command -v java || true)
    [ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for directory in "${JAVA_HOME:-/nonexistent}" "${on_path:-/nonexistent}" /usr/lib/jvm/*; do
        [ -x "$directory/bin/java" ] || continue
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$directory/release" 2>/dev/null || true)
        if [ "${version:-0}" -ge 17 ]; then
            echo "$version"
            return 0
        fi
    done
}

# Prints yes if a user who is not root may make user namespaces, or else bubblewrap's complaint.
try_namespaces() {
    set -- bwrap --unshare-user --ro-bind / / true
    if [ "$(id -u)" -eq 0 ]; then
        set -- setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
    fi
    if complaint=$("$@" 2>&1); then
        echo yes
    else
        echo "$complaint" | head -n 1
    fi
}

# connects IP PORT: fails if nothing accepts a connection there. Without bash it cannot be told, and does not fail.
connects() {
    if command -v bash >/dev/null && command -v timeout >/dev/null; then
        # shellcheck disable=SC2016 # bash's own $1 and $2
        timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' connects "$1" "$2" 2>/dev/null
    fi
}

# look_into SCOPE DIRECTORY: the record of an earlier installation, or else settings that were not written by this script.
look_into() {
    if [ -r "$2/add-builder" ]; then
        sed -n "s/^\([a-z_]*=\)/@$1_\1/p" "$2/add-builder"
    elif grep -qs '^ *public_addr' "$2/server.conf"; then
        say "$1_settings" "$2/server.conf"
    fi
}

# look SCHEDULER_IP PORT: prints what the machine has. The IP - stands for the one from which ssh came.
look() {
    say arch "$(uname -m)"
    say kernel "$(uname -s)"
    say system "$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release 2>/dev/null)"
    say uid "$(id -u)"
    say user "$(id -un)"
    say home "$HOME"
    if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        say sudo yes
    fi
    [ ! -d /run/systemd/system ] || say systemd yes
    XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
    export XDG_RUNTIME_DIR
    if [ -d /run/systemd/system ] && systemctl --user show --property=Version >/dev/null 2>&1; then
        say user_systemd yes
    fi
    say java "$(find_java)"
    PATH=$PATH:/usr/sbin:/sbin
    if command -v bwrap >/dev/null; then
        say bwrap "$(bwrap --version | sed 's/^bubblewrap //')"
        say namespaces "$(try_namespaces)"
    fi
    for program in dpkg apt-get tar gzip; do
        ! command -v "$program" >/dev/null || say "$program" yes
    done
    # shellcheck disable=SC2086 # four arguments
    set -- "$1" "$2" ${SSH_CONNECTION:-- - - -}
    [ "$1" != - ] || set -- "$3" "$2" "$3" "$4" "$5" "$6"
    say scheduler_ip "$1"
    source=
    if command -v ip >/dev/null; then
        source=$(ip -o route get "$1" 2>/dev/null | sed -n 's/.* src \([^ ]*\).*/\1/p')
    fi
    say ip "${source:-$5}"
    connects "$1" "$2" || say unreachable yes
    look_into system /etc/jdist
    look_into user "$HOME/.config/jdist"
}

# places MODE PREFIX: sets the variables that say where everything goes.
places() {
    mode=$1
    prefix=$2
    unit="jdist-builder.service"
    if [ "$mode" = user ]; then
        etc=$HOME/.config/jdist
        units=$HOME/.config/systemd/user
        log=$HOME/.local/state/jdist/builder.log
        account=$(id -un)
        XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
        export XDG_RUNTIME_DIR
    else
        etc=/etc/jdist
        units=/etc/systemd/system
        log=/var/log/jdist-builder.log
        account="jdist-builder"
        PATH=$PATH:/usr/sbin:/sbin
        export PATH
    fi
    record=$etc/add-builder
    settings=$etc/server.conf
    jdist=$prefix/bin/jdist
    [ "$mode" != package ] || jdist=/usr/bin/jdist
    service=$prefix/jdist-builder
    [ "$mode" != package ] || service=/usr/local/sbin/jdist-builder
}

recorded() {
    [ ! -r "$record" ] || sed -n "s/^$1=//p" "$record"
}

control() {
    if [ "$mode" = user ]; then
        systemctl --user "$@"
    else
        systemctl "$@"
    fi
}

# as_builder COMMAND...: as the user who runs the builder.
as_builder() {
    if [ "$mode" = user ] || [ "$account" = root ]; then
        "$@"
    else
        setpriv --reuid "$account" --regid "$account" --init-groups "$@"
    fi
}

write_unit() {
    cat >"$units/$unit" <<END
# Written by jdist builder add.
[Unit]
Description=jdist builder
Wants=network-online.target
After=network-online.target

[Service]
$([ "$mode" = user ] || echo "User=$account")
ExecStart=$jdist server --config $settings
Restart=on-failure
RestartSec=10s
# Java ends with this code upon SIGTERM.
SuccessExitStatus=143
# SIGTERM goes to the builder alone, which lets its jobs end, for drain_secs (60) at most.
KillMode=mixed
TimeoutStopSec=90s
# A cgroup for each job, in which the kernel keeps its limits.
Delegate=yes
OOMPolicy=continue
TasksMax=infinity
UMask=0077
$([ "$account" = root ] || echo "NoNewPrivileges=yes")

[Install]
WantedBy=$([ "$mode" = user ] && echo default.target || echo multi-user.target)
END
}

# Without systemd: writes a program that starts and stops the builder. The machine's init can call it at boot.
write_service() {
    user=
    if [ "$mode" != user ] && [ "$account" != root ]; then
        user="setpriv --reuid $account --regid $account --init-groups env HOME=/var/lib/jdist "
    fi
    cat >"$service" <<END
#!/bin/sh
# Written by jdist builder add: start, stop or status of the jdist builder of this machine, which no systemd runs.
PATH=\$PATH:/usr/sbin:/sbin
pid_file=$etc/builder.pid

runs() {
    pid=\$(cat "\$pid_file" 2>/dev/null) && tr '\\0' ' ' <"/proc/\$pid/cmdline" 2>/dev/null | grep -q ' server --config $settings'
}

case \${1:-} in
    start)
        ! runs || exit 0
        mkdir -p "\$(dirname $log)"
        umask 077
        setsid sh -c 'echo \$\$ >$etc/builder.pid; exec $user$jdist server --config $settings' </dev/null >>$log 2>&1 &
        ;;
    stop)
        runs || exit 0
        kill "\$pid"
        tries=0
        while runs; do
            tries=\$((tries + 1))
            [ \$tries -le 90 ] || kill -9 "\$pid"
            sleep 1
        done
        rm -f "\$pid_file"
        ;;
    status)
        runs && echo "runs, process \$pid" || { echo "does not run"; exit 3; }
        ;;
    *)
        echo "usage: \$0 start|stop|status" >&2
        exit 2
        ;;
esac
END
    chmod 755 "$service"
}

stop_builder() {
    if [ -d /run/systemd/system ] && control cat "$unit" >/dev/null 2>&1; then
        control stop "$unit" 2>/dev/null || true
    fi
    [ ! -x "$service" ] || "$service" stop
}

start_builder() {
    if [ "$(recorded systemd)" = yes ]; then
        control daemon-reload
        control --quiet enable "$unit"
        control reset-failed "$unit" 2>/dev/null || true
        control start "$unit"
        if [ "$mode" = user ] && [ "$(loginctl show-user "$(id -un)" --property=Linger 2>/dev/null)" != Linger=yes ]; then
            if loginctl enable-linger 2>/dev/null; then
                echo "linger_made=yes" >>"$record"
            else
                echo "the builder would end when $(id -un) logs out; there, as root: loginctl enable-linger $(id -un)" >&2
                return 1
            fi
        fi
    else
        "$service" start
        say note "no systemd runs there, so it was started this once; have it started at boot by: $service start"
    fi
}

# Makes the builder's user and directories. With packages and systemd, the package does it.
make_account() {
    if ! getent passwd "$account" >/dev/null; then
        useradd --system --user-group --home-dir /var/lib/jdist --no-create-home --shell /usr/sbin/nologin "$account"
        echo "account_made=yes" >>"$record"
    fi
    install -d -o "$account" -g "$account" -m 700 /var/cache/jdist /var/lib/jdist
}

# unpack DIRECTORY: unpacks its archive beside the prefix, and then replaces the prefix by it.
unpack() {
    rm -rf "$prefix.new"
    mkdir -p "$prefix.new"
    tar -xzf "$1/archive.tar.gz" -C "$prefix.new" --strip-components=1 --no-same-owner
    chmod -R u=rwX,go=rX "$prefix.new"
    rm -rf "$prefix"
    mv "$prefix.new" "$prefix"
}

install_packages() {
    for package in jdist jdist-farm; do
        if ! dpkg-query -W "$package" >/dev/null 2>&1; then
            echo "package_made=$package" >>"$record"
        fi
    done
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    chmod 755 "$1"
    # dpkg keeps the settings that this script wrote.
    if command -v apt-get >/dev/null; then
        apt-get -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 install "$1"/*.deb >"$1/out" 2>&1
    else
        dpkg --force-confold -i "$1"/*.deb >"$1/out" 2>&1
    fi || {
        tail -n 12 "$1/out" >&2
        return 1
    }
}

# On exit: takes back a first installation that failed.
end_install() {
    code=$?
    trap - EXIT
    if [ "$code" -ne 0 ] && [ "$was_here" != yes ]; then
        remove_here "$mode" "$prefix" >/dev/null 2>&1 || true
    fi
    exit "$code"
}

# install_here MODE PREFIX DIRECTORY WAS_HERE: DIRECTORY has what was sent; WAS_HERE is yes if this script installed it before.
install_here() {
    places "$1" "$2"
    umask 022
    was_here=$4
    made=$(sed -n '/_made=/p' "$record" 2>/dev/null || true)
    trap end_install EXIT
    mkdir -p "$etc" "$(dirname "$prefix")"
    account_wanted=$(sed -n 's/^account=//p' "$3/record")
    [ -z "$account_wanted" ] || account=$account_wanted
    stop_builder
    {
        cat "$3/record"
        [ -z "$made" ] || echo "$made"
    } >"$record"
    if [ "$mode" = package ]; then
        install_packages "$3"
    else
        [ "$mode" = user ] || [ "$account" = root ] || make_account
        unpack "$3"
    fi
    (
        umask 077
        cat "$3/server.conf" >"$settings.new"
    )
    if [ "$mode" != user ] && [ "$account" != root ]; then
        chgrp "$account" "$settings.new"
        chmod 640 "$settings.new"
    fi
    mv "$settings.new" "$settings"
    if [ "$(recorded systemd)" = yes ]; then
        mkdir -p "$units"
        [ "$mode" = package ] || write_unit
    else
        [ "$mode" != package ] || make_account
        write_service
    fi
    start_builder
}

# show_here MODE PREFIX: prints the end of the builder's log and what jdist doctor finds.
show_here() {
    places "$1" "$2"
    account_was=$(recorded account)
    [ -z "$account_was" ] || account=$account_was
    echo "the end of its log:"
    if [ "$(recorded systemd)" != yes ]; then
        tail -n 15 "$log" 2>&1 || true
    elif [ "$mode" = user ]; then
        journalctl --user --no-pager -q -o cat -n 15 -u "$unit" 2>&1 || true
    else
        journalctl --no-pager -q -o cat -n 15 -u "$unit" 2>&1 || true
    fi
    echo "what jdist doctor says there:"
    cd /
    as_builder env HOME="$([ "$mode" = user ] && echo "$HOME" || echo /var/lib/jdist)" "$jdist" doctor --config "$settings" 2>&1 \
        | sed '1d' || true
}

# remove_here MODE PREFIX
remove_here() {
    places "$1" "$2"
    stop_builder
    if [ -d /run/systemd/system ]; then
        control --quiet disable "$unit" 2>/dev/null || true
    fi
    if [ "$mode" = package ]; then
        packages=$(recorded package_made | sort -r)
        # shellcheck disable=SC2086 # a list of names
        [ -z "$packages" ] || dpkg --purge $packages >/dev/null
        rm -f "$service"
    else
        rm -f "$units/$unit"
        rm -rf "$prefix" "$prefix.new"
        [ ! -d /run/systemd/system ] || control daemon-reload
    fi
    rm -f "$settings" "$settings.new" "$etc/builder.pid" "$log"
    if [ "$mode" = user ]; then
        rm -rf "$HOME/.cache/jdist/toolchains" "$HOME/.cache/jdist/build"
        rmdir -p "$HOME/.cache/jdist" "$(dirname "$log")" "$(dirname "$prefix")" "$units" 2>/dev/null || true
        [ "$(recorded linger_made)" != yes ] || loginctl disable-linger 2>/dev/null || true
    elif [ "$mode" = system ] || [ -n "$packages" ]; then
        rm -rf /var/cache/jdist /var/lib/jdist
    fi
    if [ "$(recorded account_made)" = yes ]; then
        userdel "$(recorded account)" 2>/dev/null || true
    fi
    rm -f "$record"
    rmdir "$etc" 2>/dev/null || true
    if [ "$mode" = user ]; then
        rmdir "$HOME/.config" 2>/dev/null || true
    fi
}

what=$1
shift
case $what in
    look) look "$@" ;;
    install) install_here "$@" ;;
    show) show_here "$@" ;;
    remove) remove_here "$@" ;;
esac
