"""The search comes to every combination of decisions, and to each only once."""

import itertools

import pytest

from triage.drafting.replay.candidate import Choices, Dead


def test_every_combination_is_reached_exactly_once() -> None:
    shape = {"a": 3, "b": 2, "c": 3}
    reached: list[tuple[int, ...]] = []
    waiting: list[dict[str, int]] = [{}]
    while waiting:
        choices = Choices(waiting.pop())
        reached.append(
            tuple(choices.pick(key, [(float(at), at) for at in range(count)]) for key, count in shape.items())
        )
        waiting += choices.successors()
    assert sorted(reached) == list(itertools.product(range(3), range(2), range(3)))


def test_options_are_taken_by_cost_and_costs_add_up() -> None:
    choices = Choices({"b": 1})
    assert choices.pick("a", [(2.0, "dear"), (0.5, "cheap")]) == "cheap"
    assert choices.pick("b", [(0.0, "first"), (1.0, "second")]) == "second"
    assert choices.cost == 1.5


def test_a_question_without_an_answer_is_a_dead_end() -> None:
    with pytest.raises(Dead, match="no way to get x"):
        Choices().pick("x", [])


def test_another_option_gives_back_what_hung_on_the_first() -> None:
    choices = Choices()

    def captured() -> str:
        choices.pick("part", [(4.0, "stand-in")])
        return "captured"

    made = choices.pick("value", [(0.4, captured), (1.0, lambda: "bound")])()
    choices.pick("clock", [(0.0, "now"), (0.5, "then")])
    assert made == "captured"
    assert choices.cost == pytest.approx(4.4)
    assert choices.next_cost({"value": 1}) == pytest.approx(1.0)
    assert choices.next_cost({"clock": 1}) == pytest.approx(4.9)
