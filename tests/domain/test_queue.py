"""The index keeps what a sort would give."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.clock import EPOCH
from oncall_tui.domain.queue import NO_CLOCK, QueueIndex, QueueKey

keys = st.builds(
    QueueKey,
    due=st.sampled_from([1_000, 2_000, 3_000, NO_CLOCK]),
    plan_rank=st.integers(0, 3),
    received=st.integers(0, 5),
    id=st.integers(1, 12),
)
steps = st.lists(st.one_of(keys, st.integers(1, 12)))


@given(start=st.lists(keys, unique_by=lambda key: key.id), changes=steps)
def test_whatever_comes_and_goes_the_index_is_sorted(
    start: list[QueueKey], changes: list[QueueKey | int]
) -> None:
    index = QueueIndex(start)
    model = {key.id: key for key in start}
    for change in changes:
        if isinstance(change, QueueKey):
            index.put(change)
            model[change.id] = change
        else:
            assert index.discard(change) == (model.pop(change, None) is not None)
    expected = [key.id for key in sorted(model.values())]
    assert index.slice(0, 100) == expected
    assert len(index) == len(expected)
    assert [index.position(ticket) for ticket in expected] == list(range(len(expected)))
    assert index.position(99) is None
    now = EPOCH + timedelta(microseconds=2_000)
    assert index.overdue(now) == sum(key.due < 2_000 for key in model.values())
