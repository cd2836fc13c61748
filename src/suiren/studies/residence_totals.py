"""Paper B, section 5: whether the centre's total stays, and which provinces pay more, on china-2020."""

from __future__ import annotations

from collections.abc import Iterable

from suiren import places
from suiren.laws import law
from suiren.laws.split import central_share
from suiren.studies.residence_cases import YEAR_T4, yuan
from suiren.studies.residence_nation import MODEL_EN, MODEL_ZH, in_100_million, nation
from suiren.studies.residence_tools import claim
from suiren.studies.study import Item, found, held

RICH = ("110000", "310000", "320000", "330000", "440000")
"""Provinces that the paper names as developed, or for hukou limits and the full price, and that receive people."""

WHY_EN = (
    "A province pays for an incomer what the origin's province pays, and saves its own amount for each who has left: "
    "where its own amount is large, it can save more than it pays. The amount of Zhejiang is assumed (half)."
)
WHY_ZH = (
    "省级为来人支付其户籍省的标准，同时省下本省外出者的标准；本省标准较高时，所省可多于所付。浙江的标准为假定（一半）。"
)


def items() -> list[Item]:
    """Items B-F4 and B-F5."""
    made = nation()
    changes = {code: after - before for code, before, after in made.provinces}
    return [_centre(), *_claims(changes), *_counted(changes)]


def _centre() -> Item:
    made = nation()
    total = in_100_million(made.centre_home)
    return held(
        "B-F4.central_change",
        "0",
        yuan(made.centre_moved - made.centre_home),
        f"{MODEL_EN} Everyone insured at home today against everyone insured where they live, portable: {total} "
        "(100 million yuan) both. Someone newly insured costs the centre more.",
        f"{MODEL_ZH}户籍地参保（现行）与常住地参保（钱随人走），中央均为{total}亿元；新增参保者会使中央多支出。",
    )


def _claims(changes: dict[str, int]) -> list[Item]:
    rich_up = [code for code in RICH if changes[code] > 0]
    west = [code for code in changes if _western(code)]
    not_saving = [code for code in west if changes[code] >= 0]
    losing = [code for code in changes if nation().net_members[code] < 0]
    saving = [code for code in losing if changes[code] < 0]
    staying = [code for code in losing if code not in saving]
    return [
        claim(
            "B-F5.rich",
            f"{len(RICH)} pay more",
            f"{len(rich_up)} pay more",
            len(rich_up) == len(RICH),
            f"{_told(RICH, changes, 'en')} (100 million yuan). {WHY_EN}",
            f"{_told(RICH, changes, 'zh')}（亿元）。{WHY_ZH}",
            words_zh=(f"{len(RICH)}个多付", f"{len(rich_up)}个多付"),
        ),
        claim(
            "B-F5.poor",
            f"{len(west)} save",
            f"{len(west) - len(not_saving)} save",
            not not_saving,
            f"The provinces with 80 % from the centre. Not saving: {_told(not_saving, changes, 'en')}; most of these "
            "receive more people than they send.",
            f"中央分担80%的省份。未节省的：{_told(not_saving, changes, 'zh')}，多为人口净流入。",
            words_zh=(f"{len(west)}个节省", f"{len(west) - len(not_saving)}个节省"),
        ),
        claim(
            "B-F5.losing",
            f"{len(losing)} save",
            f"{len(saving)} save",
            len(saving) == len(losing),
            f"Provinces that lose members on balance. Not saving: {_told(staying, changes, 'en')}. {MODEL_EN}",
            f"参保人净流出的省份。未节省的：{_told(staying, changes, 'zh')}。{MODEL_ZH}",
            words_zh=(f"{len(losing)}个节省", f"{len(saving)}个节省"),
        ),
    ]


def _counted(changes: dict[str, int]) -> list[Item]:
    net = nation().net_members
    others = [code for code, fen in changes.items() if fen * net[code] <= 0]
    more = sum(1 for fen in changes.values() if fen > 0)
    less = sum(1 for fen in changes.values() if fen < 0)
    return [
        found(
            "B-F5.signs",
            f"{len(changes) - len(others)} / {len(changes)}",
            f"Provinces whose change has the sign of their net members; not: {_told(others, changes, 'en')}.",
            f"变动符号与净流入符号相同的省份数；不同的：{_told(others, changes, 'zh')}。",
        ),
        found(
            "B-F5.all",
            f"{more} more, {less} less",
            "All 31 provinces.",
            "全部31个省份。",
            computed_zh=f"{more}个增，{less}个减",
        ),
    ]


def _told(codes: Iterable[str], changes: dict[str, int], lang: str) -> str:
    """Names of provinces with their change in 100 million yuan."""
    gap = "、" if lang == "zh" else ", "
    return gap.join(f"{places.name(code, lang)} {in_100_million(changes[code])}" for code in codes)


def _western(code: str) -> bool:
    return central_share(law(YEAR_T4).book, int(code), YEAR_T4).tier.value == 1
