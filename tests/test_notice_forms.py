"""Forms of notices that plain patterns were taught late: tables without units, tiers, open doors, parents, schools."""

import pytest

from suiren.laws.schema import CLASSES
from suiren.notices import read, read_text

TITLE = "杭州市2024年度城乡居民医保缴费公告"


def doors_of(body):
    return {
        (door.regime, ";".join(door.classes) if set(door.classes) != set(CLASSES) else "all")
        for door in read_text(f"{TITLE}\n{body}\n").doors
    }


def amounts_of(found):
    return {(amount.item, ";".join(amount.classes), amount.tier, amount.fen // 100) for amount in found.amounts}


@pytest.mark.parametrize(
    "body",
    [
        "外市户口的居民，带上身份证就能在我市参保。",
        "非本市户籍人员持有效居民身份证可参加居民医保。",
        "取消我市城乡居民基本医疗保险的参保户籍限制。",
        "参保不以本市户籍为条件。",
        "在我市居住、就业且未参加职工医保的人员，均可自愿参加居民医保。",
        "常住人口均可参加我市居民医保。",
    ],
)
def test_open_doors(body):
    assert doors_of(body) == {("open", "all")}


@pytest.mark.parametrize(
    "body",
    [
        "居民持身份证到社区办理参保。",
        "在我市居住并具有本市户籍的居民，均可参加居民医保。",
        "具有本市户籍的常住居民均可参加居民医保。",
        "参保人员带上身份证到窗口缴费。",
        "新生儿父母一方参加我市医保的，免缴当年费用。",
        "在杭各类学校的学生由学校统一代收代缴。",
        "在我市常住人口中抽查参保情况。",
    ],
)
def test_sentences_that_open_no_door(body):
    assert doors_of(body) == set()


@pytest.mark.parametrize(
    "who",
    ["父母任意一方", "父母任一方", "父母中有一方", "父母双方或一方", "父亲或母亲", "父亲或者母亲", "监护人"],
)
def test_children_through_a_parent(who):
    body = f"{who}正在参加本市职工医保的，其未满18周岁的非本市户籍子女可以参保。"
    assert doors_of(body) == {("relative", "newborn;preschool;pupil")}


@pytest.mark.parametrize(
    ("body", "classes"),
    [
        ("在杭各类大专院校的学生可以参加居民医保。", "student"),
        ("驻杭普通高等学校的大学生可以参加居民医保。", "student"),
        ("在我市公办及民办中小学校的学生可以参加居民医保。", "pupil"),
    ],
)
def test_pupils_and_students_at_schools_of_the_place(body, classes):
    assert doors_of(body) == {("open", classes)}


@pytest.mark.parametrize("names", ["甲乙", "一二", "高低", "AB", "12", "ⅠⅡ"])
def test_tiers_by_any_name(names):
    dear, cheap = names
    found = read_text(f"{TITLE}\n居民个人缴费分两个档次，{cheap}档400元，{dear}档650元。\n")
    assert {(tier, fen) for _, _, tier, fen in amounts_of(found)} == {("tier_1", 650), ("tier_2", 400)}


def test_drugs_are_no_tiers():
    found = read_text(f"{TITLE}\n个人缴费标准为每人每年400元，乙类药品先自付10元。\n")
    assert {tier for _, _, tier, _ in amounts_of(found)} <= {None}


@pytest.mark.parametrize("sentence", ["对参保工作经费，市财政按每人1元安排。", "银行卡工本费每人5元。"])
def test_money_for_other_things_is_no_contribution(sentence):
    assert {fen for *_, fen in amounts_of(read_text(f"{TITLE}\n个人缴费每人400元。\n{sentence}\n"))} == {400}


def table(tmp_path, above, heads, *rows):
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in (heads, *rows))
    file = tmp_path / "a.html"
    file.write_text(f"<h1>{TITLE}</h1><p>{above}</p><table>{cells}</table>", encoding="utf-8")
    return amounts_of(read(file))


PRICES = {("contribution", "elderly", None, 480), ("subsidy", "elderly", None, 1420)}


@pytest.mark.parametrize(
    ("above", "one", "other", "scale"),
    [
        ("筹资标准（单位：元/人·年）", "个人缴费", "财政补助", ""),
        ("筹资标准如下", "个人缴费", "财政补助", ""),
        ("筹资标准如下", "个人缴费（元）", "财政补助（元）", ""),
        ("单位为万元，最高支付限额20元", "个人缴费", "财政补助", "0.0"),
    ],
)
def test_tables_whose_heads_name_no_unit(tmp_path, above, one, other, scale):
    row = ("老年居民", "480", "1,420") if not scale else ("老年居民", "0.048", "0.142")
    assert table(tmp_path, above, ("人员类别", one, other), row) == PRICES


def test_numbers_of_a_table_that_are_no_prices_stay_numbers(tmp_path):
    heads = ("人员类别", "缴费年度", "参保人数", "补助比例", "个人缴费")
    told = table(tmp_path, "情况如下", heads, ("老年居民", "2024", "35000", "70", "480"))
    assert told == {("contribution", "elderly", None, 480)}


def test_a_row_above_the_heads_is_no_head(tmp_path):
    file = tmp_path / "a.html"
    file.write_text(
        f"<h1>{TITLE}</h1><table><tr><td colspan=3>单位：元</td></tr><tr><th>类别</th><th>个人缴费</th>"
        "<th>财政补助</th></tr><tr><td>老年居民</td><td>480</td><td>1420</td></tr></table>",
        encoding="utf-8",
    )
    assert amounts_of(read(file)) == PRICES
