"""Counts of permit holders that a user brings: read, or refused with every fault and its line."""

import pytest

from people_files import suiren
from suiren.errors import SuirenError
from suiren.studies.permits_own import Holders, read


def counts(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "own.csv"
    file.write_bytes(text.encode(encoding))
    return read(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_counts_are_read_in_each_encoding(tmp_path, encoding):
    text = ' Place ,permit_holders,in_employee_scheme,note\n\n深圳,"900,000",899000,统计公报\n,,,\n441900,10,,\n'
    assert counts(tmp_path, text, encoding) == {"440300": Holders(900_000, 899_000), "441900": Holders(10, None)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["has no column place, permit_holders"]),
        ("city,holders\n深圳,1\n", ["has no column place, permit_holders"]),
        ("place;permit_holders\n深圳;1\n", ["with commas between them"]),
        ("place,permit_holders\n", ["no row below its header"]),
        ("place,permit_holders,in_employe_scheme\n深圳,5,5\n", ["Did you mean in_employee_scheme?"]),
        ("place,permit_holders,permit_holders\n深圳,5,6\n", ["'permit_holders' stands twice"]),
        ("place,permit_holders\n深圳,5,7\n东莞\n", ["line 2: The line has 3 cells", "line 3: The line has 1 cells"]),
        ("place,permit_holders,in_employee_scheme\n深圳,900,000\n", ["'000' is no number"]),
        (
            "place,permit_holders\n深圳,-5\n东莞,abc\n苏州,1.5\n上海,\n",
            ["line 2: '-5'", "'abc'", "'1.5'", "line 5: ''"],
        ),
        ("place,permit_holders\n深圳,5\n深圳市,6\n440300,7\n", ["line 3: The city stands twice", "line 4"]),
        (
            "place,permit_holders\n纽约,x\n拉萨,5\n",
            ["line 2: No place", "line 2: 'x'", "line 3: 拉萨 is none of the 23"],
        ),
        ("place,permit_holders,in_employee_scheme\n深圳,5,9\n", ["line 2: More people are in the employee scheme"]),
        ("place,permit_holders\n深圳,1\0\n", ["no text in UTF-8 or GB18030"]),
    ],
)
def test_tables_that_are_wrong_are_refused_with_each_line(tmp_path, text, words):
    with pytest.raises(SuirenError) as caught:
        counts(tmp_path, text)
    assert [word for word in words if word not in str(caught.value)] == []
    assert all(problem.do for problem in caught.value.problems)


def test_the_command_tells_it_without_a_traceback(tmp_path):
    none = suiren("study", "run", "permits", "--permits", tmp_path / "none.csv", "--lang", "en")
    assert (none.code, "There is no file 'none.csv'" in none.err) == (1, True)
    assert suiren("study", "run", "permits", "--permits", "").code == 1
    (tmp_path / "own.csv").write_text("place,permit_holders\n纽约,1\n", encoding="utf-8")
    wrong = suiren("study", "run", "permits", "--permits", tmp_path / "own.csv", "--lang", "en")
    assert (wrong.code, "own.csv, line 2: No place is called" in wrong.err) == (1, True)
    assert "Traceback" not in wrong.err
