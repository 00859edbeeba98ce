#!/usr/bin/env bash
# The main job, with everything that has a part in it: a server, an organizer at the command line, a guest list of
# another system, signed tickets as pictures and pages, and two gates that go on when the server is gone.
#
#   tests/demo/demo.sh FOLDER_OF_THE_PROGRAMS [--stay]
#
# Exit status 0 only if every total agrees. Leaves nothing behind; with --stay the server, until Ctrl-C.
set -euo pipefail

readonly programs="$(cd "$1" && pwd)"
readonly stay="${2:-}"
readonly gate="$programs/voelgoed-gate" server="$programs/voelgoed-server"
readonly drawn=8   # signed tickets that are read from pictures
readonly guests=60 # of the guest list, at each gate, before the server goes; as many while it is gone
readonly password=Sterk3Wagwoord
here="$(cd "$(dirname "$0")" && pwd)"
work=$(mktemp -d "${TMPDIR:-/tmp}/voelgoed-demo.XXXXXX")
chmod 711 "$work" # as root the server runs its Postgres as another user, who has to pass through
umask 077
declare -A running=() queue=() expected=([north]=0 [south]=0)

finish() {
    local name
    for name in north south feed; do
        [ -z "${running[$name]:-}" ] || kill -9 "${running[$name]}" 2>/dev/null || true
    done
    stop_server
    rm -rf "$work"
}
trap finish EXIT

chapter() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
indented() { sed 's/^/   /'; }
die() {
    printf 'error: %s\n' "$*" >&2
    [ ! -s "$work/server.log" ] || tail -n 20 "$work/server.log" >&2
    exit 1
}
failed=0
agree() { # WHAT EXPECTED FOUND
    if [ "$2" = "$3" ]; then
        printf '   %-62s %6s   agrees\n' "$1" "$3"
    else
        printf '   %-62s %6s   EXPECTED %s\n' "$1" "$3" "$2"
        failed=1
    fi
}
wait_until() { # SECONDS WHAT COMMAND…
    local tries=$(($1 * 10)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || die "waited in vain: $what"
        sleep 0.1
    done
}
ctl() { "$programs/voelgoedctl" --server "$url" --token-file "$work/token" "$@"; }
# The first one of that name.
field() { { grep -o "\"$1\":\"\{0,1\}[^\",}]*" || true; } | head -n 1 | sed 's/^[^:]*:"\{0,1\}//'; }

# The same folder and the same port each time: it is the same server.
start_server() {
    (   # What the gates read has to end when we close it.
        for descriptor in "${queue[@]}"; do eval "exec $descriptor>&-"; done
        exec "$server" run --data "$work/server" --listen "127.0.0.1:${port:-0}" --log-format json
    ) >"$work/ready" 2>>"$work/server.log" &
    running[server]=$!
    serves_or_ended() { grep -q '^ready ' "$work/ready" || ! kill -0 "${running[server]}"; }
    wait_until 60 "the server serves" serves_or_ended
    grep -q '^ready ' "$work/ready" || die "the server did not start"
    url=$(sed -n 's/^ready //p' "$work/ready")
    port=${url##*:}
}
stop_server() {
    [ -n "${running[server]:-}" ] || return 0
    kill "${running[server]}" 2>/dev/null || true
    wait "${running[server]}" 2>/dev/null || true
    running[server]=
}
from_status() { "$gate" status --data "$work/$1" --json | field "$2"; }
lines() { [ ! -f "$1" ] || wc -l <"$1"; }
has_lines() { [ "$(lines "$1")" -ge "$2" ]; } # FILE COUNT
show() { # GATE CODE…: people at a gate
    local name=$1
    shift
    printf '%s\n' "$@" >&"${queue[$name]}"
    expected[$name]=$((${expected[$name]} + $#))
    wait_until 30 "the gate $name answers" has_lines "$work/$name.log" "${expected[$name]}"
}

chapter "A server with a Postgres and a Redis of its own"
start_server
echo "$url" | indented

chapter "An organization, its owner, and an event from a definition file"
printf '%s\n' "$password" >"$work/password"
admin=("$programs/voelgoedctl" --admin "$work/server" --reason demonstration)
"${admin[@]}" org create quay --name "Quay Events" --owner owner@quay.example.org --owner-password-file "$work/password" |
    indented
ctl login owner@quay.example.org --password-file "$work/password" 2>&1 | sed "s#$work#…#" | indented
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
sed -e "s/@DOORS@/$(at '-1 hour')/" -e "s/@START@/$(at 'now')/" -e "s/@END@/$(at '+5 hours')/" \
    "$here/festival.json" >"$work/festival.json"
ctl event create --file "$work/festival.json" | indented
ctl event publish festival --json >/dev/null
ctl event open festival | grep Status | indented

chapter "A guest list of another system: semicolons, a BOM, CRLF"
{
    printf '\xef\xbb\xbfOrder;Guest;E-mail;Ticket Type;Barcode;Status\r\n'
    for ((n = 1; n <= 4 * guests; n++)); do
        printf 'Q-%d;Guest %d;guest%d@example.org;Adult;QUAY-%05d;paid\r\n' $((n / 2)) "$n" "$n" "$n"
    done
} >"$work/guests.csv"
ctl ticket import festival "$work/guests.csv" 2>&1 | indented
printf '   once more: '
ctl ticket import festival "$work/guests.csv" 2>/dev/null

chapter "Signed tickets, as a PDF and as PNG pictures"
ctl ticket issue festival --type adult --count "$drawn" | tail -n 2 | indented
first=$((4 * guests + 1))
mkdir "$work/pictures"
for ((n = first; n < first + drawn; n++)); do
    ctl ticket print festival "$n" --out "$work/pictures/$n.png" 2>/dev/null
done
ctl ticket print festival --out "$work/tickets.pdf" 2>&1 | sed "s#$work/##" | indented
ls "$work/pictures" | tr '\n' ' ' | indented
echo
signed() { ctl ticket codes festival --json | sed -n "s/.*\"ordinal\":$1,.*\"code\":\"\\([^\"]*\\)\".*/\\1/p"; }

chapter "Two gates are paired: a code from the server, six digits compared, approved"
for name in north south; do
    ctl device invite --name "$name" --event festival --gate "$name" --json >"$work/$name.invitation"
    qr=$(sed -n 's/.*"qr":"\([^"]*\)".*/\1/p' "$work/$name.invitation" | sed 's#\\/#/#g')
    "$gate" pair --data "$work/$name" --name "$name" --qr "$qr" --json >"$work/$name.pairing" 2>"$work/$name.err" &
    running[$name]=$!
    wait_until 20 "the gate $name shows its digits" grep -q digits "$work/$name.pairing"
    digits=$(field digits <"$work/$name.pairing")
    printf '   %s shows %s\n' "$name" "$digits"
    ctl device approve "$name" "$digits" --json >/dev/null
    wait "${running[$name]}" || die "the gate $name was not paired: $(cat "$work/$name.err")"
    running[$name]=
done

chapter "Both take the list, and let people in: from pictures, and from codes"
for name in north south; do
    mkdir "$work/$name.drop"
    mkfifo "$work/$name.queue"
    "$gate" run --data "$work/$name" --gate "$name" --watch "$work/$name.drop" --drain 30 --json \
        <"$work/$name.queue" >"$work/$name.log" 2>"$work/$name.err" &
    running[$name]=$!
done
for name in north south; do
    exec {descriptor}>"$work/$name.queue"
    queue[$name]=$descriptor
done
has_list() { [ "$(from_status "$1" tickets)" = $((4 * guests + drawn)) ]; }
for name in north south; do
    wait_until 30 "the gate $name has the list" has_list "$name"
done
for ((n = first; n < first + drawn - 2; n++)); do
    [ $((n % 2)) -eq 0 ] && name=north || name=south
    cp "$work/pictures/$n.png" "$work/$name.drop/"
    expected[$name]=$((${expected[$name]} + 1))
    wait_until 30 "the picture is read at $name" has_lines "$work/$name.log" "${expected[$name]}"
done
codes() { seq -f "QUAY-%05g" "$1" "$2"; }
# shellcheck disable=SC2046
show north $(codes 1 "$guests")
# shellcheck disable=SC2046
show south $(codes $((guests + 1)) $((2 * guests)))
show north QUAY-00001 STRANGER
sed -n '1,3p' "$work/north.log" | cut -c1-110 | indented
arrived() { [ "$(ctl stats festival --json | field inside)" = "$1" ]; }
wait_until 30 "the server knows of all" arrived $((2 * guests + drawn - 2))
ctl stats festival | indented

chapter "The server is gone. Both gates go on"
copied=$(signed $((first + drawn - 1)))
stop_server
# shellcheck disable=SC2046
show north $(codes $((2 * guests + 1)) $((3 * guests)))
# shellcheck disable=SC2046
show south $(codes $((3 * guests + 1)) $((4 * guests)))
printf '   one ticket, and its copy: '
show north "$copied"
sleep 1.2
show south "$copied"
tail -qn 1 "$work/north.log" "$work/south.log" | field outcome | tr '\n' ' '
tail -n 1 "$work/south.log" | field outcome
for name in north south; do
    printf '   %s has %s rows that the server does not know of\n' "$name" "$(from_status "$name" unacknowledged)"
done

chapter "The server is back, and everything drains"
start_server
for name in north south; do
    eval "exec ${queue[$name]}>&-"
done
for name in north south; do
    wait "${running[$name]}" || die "the gate $name ended badly: $(cat "$work/$name.err")"
    running[$name]=
done
admitted=$((4 * guests + drawn - 2 + 2))
wait_until 30 "the server knows of all" arrived "$admitted"
ctl stats festival | indented
ctl incidents festival | indented

chapter "Every total"
at_gate() { # GATE FIELD
    ctl stats festival --json | tr '{' '\n' | grep "\"gate\":\"$1\"" | tail -n 1 | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p"
}
for name in north south; do
    agree "rows in the journal of $name, of which the server lacks" 0 "$(from_status "$name" unacknowledged)"
    agree "let in at $name, says the gate, and says the server" \
        "$("$gate" export --data "$work/$name" | grep -c '"outcome":"admit"')" "$(at_gate "$name" entries)"
    agree "refused at $name, likewise" \
        "$("$gate" export --data "$work/$name" | grep -c '"outcome":"refuse"' || true)" "$(at_gate "$name" denied)"
done
agree "people who were let in" "$admitted" "$(ctl stats festival --json | field entries)"
ctl incidents festival --json >"$work/incidents"
agree "incidents: the copied ticket" 1 "$(grep -o '"kind":"double"' "$work/incidents" | wc -l)"
agree "of the ticket with number $((first + drawn - 1))" 1 "$(grep -c "\"ordinal\":$((first + drawn - 1))[,}]" "$work/incidents")"
agree "second tries and strangers that were stopped" 2 "$(ctl scans festival --outcome refuse --json | grep -o '"outcome":"refuse"' | wc -l)"
agree "the audit trail holds" true "$(ctl audit verify --json | field holds)"

if [ "$failed" -ne 0 ]; then
    printf '\nNot every total agrees.\n'
    exit 1
fi
printf '\nNothing was lost, nobody counted twice, and the copied ticket is known.\n'
if [ "$stay" = --stay ]; then
    printf '\nThe server stays until Ctrl-C:\n\n   export VOELGOED_SERVER=%s VOELGOED_TOKEN_FILE=%s\n   %s event show festival\n\n' \
        "$url" "$work/token" "$programs/voelgoedctl"
    trap 'exit 0' INT TERM
    wait "${running[server]}" || true
fi
