#!/usr/bin/env bash
# Fuzzes every target for a number of seconds: tools/fuzz.sh [SECONDS] [TARGET ...]
# The committed corpus seeds each run and is not written to.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
seconds=${1:-600}; shift || true
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
targets=("$@"); [ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | tail -n +2)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
export RUSTC_BOOTSTRAP=1
for target in "${targets[@]}"; do
    mkdir -p "$work/$target"
    cargo fuzz run --sanitizer none "$target" "$work/$target" "corpus/$target" -- -max_total_time="$seconds" -max_len=65536 -print_final_stats=1 2>&1 |
        tee "$work/$target.log" | grep -E "stat::number_of_executed_units|stat::peak_rss_mb|SUMMARY|panicked|ERROR: " | sed "s/^/$target: /"
    if grep -qE "panicked|SUMMARY: libFuzzer|ERROR: libFuzzer" "$work/$target.log"; then
        echo "$target: FAILED"; exit 1
    fi
    echo "$target: $seconds s without a crash"
done
