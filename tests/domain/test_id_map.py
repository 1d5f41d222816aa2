"""A compact mapping is a mapping."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.id_map import IdMap

loaded = st.lists(st.dictionaries(st.integers(1, 40), st.integers(-9, 9), max_size=8), max_size=4)
steps = st.lists(st.tuples(st.integers(1, 40), st.one_of(st.none(), st.integers(-9, 9))))


@given(loaded, steps)
def test_it_holds_what_a_dict_holds(
    chunks: list[dict[int, int]], changes: list[tuple[int, int | None]]
) -> None:
    found, model = IdMap(), dict[int, int]()
    for chunk in chunks:
        new = {key: value for key, value in chunk.items() if key not in model}
        found.extend(list(new), list(new.values()))
        model |= new
    for key, value in changes:
        if value is None:
            assert found.pop(key) == model.pop(key, None)
        else:
            found.update([(key, value)])
            model[key] = value
    for key in range(45):
        assert found.get(key) == model.get(key)
        assert (key in found) == (key in model)
