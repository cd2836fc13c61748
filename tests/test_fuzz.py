"""Damaged files: never a traceback, never a row lost, never a person number shown."""

from collections import Counter

from fuzz_held import complaints

MUTANTS = 300


def test_mutants_are_settled_or_refused_in_words(tmp_path):
    found, ends = [], Counter()
    for seed in range(MUTANTS):
        wrong, how = complaints(seed, tmp_path)
        found += wrong
        ends[how] += 1
    assert not found, f"{len(found)} complaints\n" + "\n".join(found[:5])
    assert ends["held against the oracle"] > MUTANTS // 10, ends
