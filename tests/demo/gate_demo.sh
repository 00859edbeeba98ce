#!/usr/bin/env bash
# The main job on real input: an event is loaded into a gate, tickets are read from their pictures and from typed codes,
# the gate loses its power in the middle, goes on, and nothing is lost or counted twice.
#
#   tests/demo/gate_demo.sh FOLDER_OF_THE_PROGRAMS
#
# Exit status 0 only if every total agrees. Leaves nothing behind.
set -euo pipefail

readonly gate="$(cd "$1" && pwd)/voelgoed-gate"
readonly drawn=12   # tickets read from pictures
readonly guests=400 # codes of another ticketing system, typed
work=$(mktemp -d "${TMPDIR:-/tmp}/voelgoed-demo.XXXXXX")
running=

finish() {
    [ -z "$running" ] || kill -9 "$running" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

chapter() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
failed=0
agree() { # WHAT EXPECTED FOUND
    if [ "$2" = "$3" ]; then
        printf '   %-58s %6s   agrees\n' "$1" "$3"
    else
        printf '   %-58s %6s   EXPECTED %s\n' "$1" "$3" "$2"
        failed=1
    fi
}
from_status() { "$gate" status --data "$work/data" --json | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
wait_for_lines() { # FILE COUNT SECONDS
    local tries=$(($3 * 20))
    while [ "$(wc -l <"$1")" -lt "$2" ] && [ "$tries" -gt 0 ]; do
        sleep 0.05
        tries=$((tries - 1))
    done
}

chapter "A practice event: signed tickets as pictures, and another system's guest list"
"$gate" practice --out "$work/event" --tickets "$drawn" --foreign 3000
ls "$work/event" | sed 's/^/   /'

chapter "Loaded into a gate, which trusts its signer"
"$gate" load --data "$work/data" --trust "$work/event/practice.pub" "$work/event/practice.bundle"

chapter "Tickets are read from their PNG pictures; then the same ones from the pages of the PDF"
mkdir "$work/drop"
: >"$work/pictures.log"
"$gate" run --data "$work/data" --gate north --no-stdin --watch "$work/drop" >"$work/pictures.log" &
running=$!
cp "$work"/event/tickets/*.png "$work/drop/"
wait_for_lines "$work/pictures.log" "$drawn" 20
cp "$work/event/tickets.pdf" "$work/drop/"
wait_for_lines "$work/pictures.log" $((2 * drawn)) 20
kill "$running"
wait "$running" || true
running=
sed 's/^/   /' "$work/pictures.log"

chapter "A queue of typed codes: guests, some of them twice, some strangers"
awk -F, -v most="$guests" 'NR > 1 && NR <= most + 1 {
    print $8
    if (NR % 10 == 3 && before) print before
    if (NR % 10 == 0) before = $8 # who hands the ticket back over the fence
    if (NR % 25 == 0) print "STRANGER-" NR
}' "$work/event/guests.csv" >"$work/queue.txt"
presented=$(wc -l <"$work/queue.txt")
strangers=$(grep -c STRANGER "$work/queue.txt")
: >"$work/before.log"
# The queue walks up at a few hundred a second; the plug is pulled somewhere in the middle.
mkfifo "$work/queue"
"$gate" run --data "$work/data" --gate north >"$work/before.log" <"$work/queue" &
running=$!
{ while read -r code; do
    printf '%s\n' "$code"
    sleep 0.002
done <"$work/queue.txt" >"$work/queue"; } 2>/dev/null &
feeder=$!
wait_for_lines "$work/before.log" $((presented / 2 - RANDOM % 40)) 20
kill -9 "$running"
{ wait "$running" || true; } 2>/dev/null # bash would tell of it in words of its own
running=
kill "$feeder" 2>/dev/null || true
wait "$feeder" 2>/dev/null || true
answered=$(wc -l <"$work/before.log")
sed 's/^/   /' "$work/before.log"
printf '\n   \033[1m*** power lost after %s of %s people ***\033[0m\n' "$answered" "$presented"
printf '   after the restart: %s rows in the journal, %s in doubt\n\n' "$(from_status journal_rows)" "$(from_status in_doubt)"
# The plug may have been pulled between writing down a refusal and saying it: the second try is another row. (After an
# admission it is none: the row in doubt is shown green once more.)
unsaid=$(($(from_status journal_rows) - 2 * drawn - answered))
unsaid_refusals=$("$gate" export --data "$work/data" | tail -n "$unsaid" | grep -c '"outcome":"refuse"' || true)
unsaid_strangers=$("$gate" export --data "$work/data" | tail -n "$unsaid" | grep -c '"reason":"unknown"' || true)

# Nobody knows whether the last one saw the green light. Should that code come again within a minute, it is shown green
# once more, as the same passage.
twice=0
last=$(sed -n "${answered}p" "$work/queue.txt")
if [ "$unsaid" -eq 0 ] && tail -n 1 "$work/before.log" | grep -q '^GO' &&
    tail -n "+$((answered + 1))" "$work/queue.txt" | grep -qxF "$last"; then
    twice=1
fi

# Whoever had no answer yet shows the code again.
tail -n "+$((answered + 1))" "$work/queue.txt" |
    "$gate" run --data "$work/data" --gate north >"$work/after.log"
sed 's/^/   /' "$work/after.log"

chapter "Every total"
"$gate" export --data "$work/data" >"$work/journal.jsonl"
cat "$work/before.log" "$work/after.log" >"$work/queue.log"
# A family's ticket is good for four: its second picture lets another one in.
families=$(head -n "$drawn" "$work/pictures.log" | grep -c Family || true)
agree "people with a picture who were let in" "$drawn" "$(head -n "$drawn" "$work/pictures.log" | grep -c '^GO')"
agree "the same tickets again, from the PDF: stopped" "$((drawn - families))" "$(tail -n "+$((drawn + 1))" "$work/pictures.log" | grep -c '^STOP')"
agree "people in the queue who got an answer" "$presented" "$(wc -l <"$work/queue.log")"
agree "guests of the list who were let in" "$((guests + twice))" "$(grep -c '^GO' "$work/queue.log")"
agree "strangers and second tries that were stopped" "$((presented - guests - twice))" "$(grep -c '^STOP' "$work/queue.log")"
[ "$twice" -eq 0 ] || agree "of those, the one in doubt a second time, as one passage" 1 "$twice"
agree "answers that the plug cut off: one at most" 1 "$((unsaid == 0 ? 1 : unsaid))"
agree "strangers among them" "$((strangers + unsaid_strangers))" "$(grep -c '"reason":"unknown"' "$work/journal.jsonl")"
agree "rows in the journal: one for each answer" "$((2 * drawn + presented + unsaid_refusals - twice))" "$(wc -l <"$work/journal.jsonl")"
agree "rows that are there twice" 0 "$(sed 's/.*"epoch":\([0-9]*\),"seq":\([0-9]*\),.*/\1.\2/' "$work/journal.jsonl" | sort | uniq -d | wc -l)"
agree "admissions in the journal" "$((drawn + families + guests))" "$(grep -c '"outcome":"admit"' "$work/journal.jsonl")"
agree "tickets that let in more than one: the families'" "$families" "$(grep '"outcome":"admit"' "$work/journal.jsonl" | sed 's/.*"ordinal":\([0-9]*\),.*/\1/' | sort | uniq -d | wc -l)"
agree "admitted, says the gate" "$((drawn + families + guests))" "$(from_status admitted)"

if [ "$failed" -ne 0 ]; then
    printf '\nNot every total agrees.\n'
    exit 1
fi
printf '\nNothing was lost, and nobody counted twice.\n'
