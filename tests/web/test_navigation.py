from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from assistant.web.navigation import navigation, pages_of

EVERYWHERE = pages_of(["/", "/programmes", "/documents", "/floor", "/staff", "/look/{name}"])


def links(groups: set[str], there: frozenset[str] = EVERYWHERE, root: str = "") -> list[str]:
    soup = BeautifulSoup(navigation("documents", "ko", groups, there=there, root=root), "html.parser")
    assert [link.text for link in soup.select("a[aria-current=page]")] == ["문서"]
    return [str(link["href"]) for link in soup.select("a")]


@pytest.mark.parametrize(
    ("groups", "pages"),
    [
        (set(), ["/", "/programmes", "/documents", "/floor"]),
        ({"public"}, ["/", "/programmes", "/documents", "/floor"]),
        ({"public", "member"}, ["/", "/programmes", "/documents"]),
        ({"public", "member", "company:gaon"}, ["/", "/programmes", "/documents", "/staff"]),
        ({"public", "operator"}, ["/", "/programmes", "/documents", "/floor"]),
        ({"public", "staff"}, ["/", "/programmes", "/documents", "/floor", "/staff"]),
    ],
)
def test_who_sees_which_pages(groups: set[str], pages: list[str]) -> None:
    assert links(groups) == pages


def test_a_page_without_a_route_has_no_link_and_addresses_begin_with_the_root() -> None:
    assert links({"staff"}, pages_of(["/", "/documents"]), "/assistant") == ["/assistant/", "/assistant/documents"]
    assert links(set(), pages_of(["/", "/documents"]), ".") == ["./", "./documents"]
