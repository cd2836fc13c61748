"""A killed settlement leaves its folder whole or absent."""

from kills import killed


def test_killed_at_any_moment_the_result_is_whole_or_absent(tmp_path):
    killed(tmp_path, number=10, seed=8)
