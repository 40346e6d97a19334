"""The region tree, computed from the codes alone, and the names of the demo city's regions.

A code is 6 digits down to the county (GB/T 2260), 9 to the township and 12 to
the village. Ancestry is a prefix, so "in my region" is one comparison and one
index range in the database, without a table of regions.
"""

from schemas.codes import region_code

LEVELS = ("province", "city", "county", "township", "village")

# The demo city: Lu'an in Anhui and what lies under it, as of GB/T 2260-2020.
NAMES: dict[str, tuple[str, str]] = {
    "340000": ("安徽省", "Anhui"),
    "341500": ("六安市", "Lu'an"),
    "341502": ("金安区", "Jin'an District"),
    "341503": ("裕安区", "Yu'an District"),
    "341504": ("叶集区", "Yeji District"),
    "341522": ("霍邱县", "Huoqiu County"),
    "341523": ("舒城县", "Shucheng County"),
    "341524": ("金寨县", "Jinzhai County"),
    "341525": ("霍山县", "Huoshan County"),
}
CITY = "341500"
COUNTIES = tuple(code for code in NAMES if code.startswith("3415") and code != CITY)


def level(code: str) -> str:
    """Return which of LEVELS a region is on."""
    return LEVELS[(2, 4, 6, 9, 12).index(len(significant(code)))]


def significant(code: str) -> str:
    """Return the digits that everything inside the region begins with: 341500 gives 3415.

    A county, township or village gives its whole code. Raises BadCode.
    """
    normal = region_code(code)
    if len(normal) > 6:
        return normal
    if normal.endswith("0000"):
        return normal[:2]
    return normal[:4] if normal.endswith("00") else normal


def parent(code: str) -> str | None:
    """Return the region one level up, None above a province.

    A township of a city without counties (441900003) has the city as its parent.
    """
    own = significant(code)
    if len(own) == 2:
        return None
    shorter = {4: 2, 6: 4, 9: 6, 12: 9}[len(own)]
    return own[:shorter].ljust(6, "0")


def contains(outer: str, inner: str) -> bool:
    """Say whether inner lies in outer or is outer itself."""
    return significant(inner).startswith(significant(outer))


def name(code: str, language: str = "zh") -> str:
    """Return a region's name in zh or en, the code itself where no name is known."""
    names = NAMES.get(region_code(code))
    if names is None:
        return code
    return names[0] if language.startswith("zh") else names[1]
