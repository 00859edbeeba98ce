#!/bin/sh
# Runs every fuzz target of a build for some seconds each, two at a time, and fails if one of them does.
#
#   cmake --preset fuzz && ninja -C build-fuzz fuzz && tests/fuzz/run.sh build-fuzz 10
#
# New inputs and what made a target fail stay outside the repository, in a folder that is named at the end if anything
# failed, and removed if not.
set -eu

if [ $# -lt 1 ]; then
    echo "usage: $0 BUILD_DIR [SECONDS]" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
seconds=${2:-10}
work=$(mktemp -d "${TMPDIR:-/tmp}/voelgoed-fuzz.XXXXXX")

run_one() {
    target=$1
    name=$(basename "$target")
    mkdir -p "$work/$name/new" "$work/$name/failed"
    seeds="$here/corpus/$name"
    [ -d "$seeds" ] || seeds=
    case $name in
    bitmap) longest=20000 ;; # a block of bits is 8,192 bytes
    *) longest=4096 ;;
    esac
    if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len="$longest" -print_final_stats=1 \
        -artifact_prefix="$work/$name/failed/" "$work/$name/new" $seeds >"$work/$name/log" 2>&1; then
        executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$name/log")
        printf '%-16s %10s executions\n' "$name" "$executed"
    else
        printf '%-16s FAILED\n' "$name"
        tail -n 25 "$work/$name/log"
        touch "$work/failed"
    fi
}

targets=$(find "$build/fuzz" -maxdepth 1 -type f -perm -u+x | sort)
if [ -z "$targets" ]; then
    echo "no fuzz targets in $build/fuzz: build them with the preset fuzz" >&2
    exit 2
fi

# Pairs: shells have no portable way to wait for either of two.
set -- $targets
while [ $# -gt 0 ]; do
    run_one "$1" &
    first=$!
    second=
    if [ $# -gt 1 ]; then
        run_one "$2" &
        second=$!
        shift
    fi
    shift
    wait "$first"
    [ -z "$second" ] || wait "$second"
done

if [ -e "$work/failed" ]; then
    echo "what failed: $work" >&2
    exit 1
fi
rm -rf "$work"
