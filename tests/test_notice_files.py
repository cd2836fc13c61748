"""Files given to `suiren law read` that are no notices, or notices in odd files: refused clearly, or read."""

import pytest

from people_files import suiren

NOTICE = "杭州市2024年度城乡居民医保缴费公告\n个人缴费标准为每人每年380元。\n"
PAGE = '<html><head><meta charset="{}"><title>t</title></head><body><h1>{}</h1><p>{}</p></body></html>'


def told(tmp_path, name, data, *options):
    (tmp_path / name).write_bytes(data)
    return suiren("law", "read", tmp_path / name, "--lang", "en", *options)


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.txt", b"", "holds no text"),
        ("a.txt", b"%PDF-1.7\n1 0 obj<<>>endobj\n", "is a PDF, whatever its name says"),
        ("a.html", b"%PDF-1.7\n", "is a PDF"),
        ("a.txt", b"{\\rtf1 hello}", "document in RTF"),
        ("a.txt", b"PK\x03\x04" + bytes(50), "Word document"),
        ("a.txt", b"\xd0\xcf\x11\xe0" + bytes(50), "old Word document"),
        ("a.docx", b"PK\x03\x04", "neither .txt nor .html"),
        ("a.txt", bytes(range(256)) * 9, "neither UTF-8 nor GB18030"),
        ("a.txt", "个人缴费380元。".encode() * 500_000, "larger than 500000 bytes"),
    ],
)
def test_what_is_no_notice_is_refused(tmp_path, name, data, word):
    ran = told(tmp_path, name, data)
    assert (ran.code, word in ran.err) == (1, True)
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("name", "says", "encoding"),
    [
        ("a.html", "gb2312", "gb18030"),
        ("a.html", "gb2312", "utf-8"),
        ("a.htm", "utf-8", "gb18030"),
        ("a.html", "utf-16", "utf-16"),
        ("a.txt", "utf-8", "utf-8"),
        ("a.html", "windows-1252", "utf-8"),
    ],
)
def test_a_page_is_read_by_its_bytes_not_by_what_it_says_of_itself(tmp_path, name, says, encoding):
    ran = told(tmp_path, name, PAGE.format(says, *NOTICE.splitlines()).encode(encoding))
    assert (ran.code, ran.err) == (0, "")
    assert "place: 330100   notice year: 2023" in ran.out
    assert "380.00" in ran.out
    assert "<p>" not in ran.out


def test_a_page_in_big5_is_refused_and_not_read_as_something_else(tmp_path):
    ran = told(tmp_path, "a.html", PAGE.format("big5", "公告", "每人每年").encode("big5"))
    assert (ran.code, "neither UTF-8 nor GB18030, but big5" in ran.err) == (1, True)


def test_control_characters_are_not_printed(tmp_path):
    ran = told(tmp_path, "a.txt", NOTICE.replace("每人", "\x1b[31m每\x07人").encode())
    assert ran.code == 0
    assert "380.00" in ran.out
    assert "\x1b" not in ran.out


def test_folders_and_names_that_are_not_there(tmp_path):
    (tmp_path / "d" / "sub.txt").mkdir(parents=True)
    assert "holds no notice" in suiren("law", "read", tmp_path / "d").err
    assert "There is no file none" in suiren("law", "read", tmp_path / "none").err
    (tmp_path / "d" / "a.txt").write_text(NOTICE, encoding="utf-8")
    assert suiren("law", "read", tmp_path / "d").code == 0


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("2024年度城乡居民医保缴费公告", "its place."),
        ("临海市、温岭市2024年度城乡居民医保缴费公告", "its place."),
        ("杭州市城乡居民医保缴费公告", "its year."),
        ("城乡居民医保缴费公告", "its place and year."),
    ],
)
def test_a_notice_without_one_place_and_a_year_is_read_but_gives_no_rows(tmp_path, title, word):
    data = NOTICE.replace(NOTICE.splitlines()[0], title).encode()
    plain = told(tmp_path, "a.txt", data)
    assert plain.code == 0
    assert "? place" in plain.out or "? year" in plain.out
    ran = told(tmp_path, "a.txt", data, "--rows", tmp_path / "rows.csv")
    assert (ran.code, word in ran.err) == (1, True)
    assert not (tmp_path / "rows.csv").exists()


def test_rows_into_a_folder_that_is_not_there_leave_the_law_as_it_is(tmp_path):
    assert suiren("law", "export", tmp_path / "law").code == 0
    held = (tmp_path / "law" / "amounts.csv").read_bytes()
    ran = told(tmp_path, "a.txt", NOTICE.encode(), "--rows", tmp_path / "no" / "r.csv", "--into", tmp_path / "law")
    assert (ran.code, "There is no folder" in ran.err) == (1, True)
    assert (tmp_path / "law" / "amounts.csv").read_bytes() == held
