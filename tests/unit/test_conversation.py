import pytest

from bot.rules.conversation import Event, Refused, Writer, may_write, next_state
from storage.records import ConversationState as State

# One row an event, one column a state: "." stays as it is, "-" is refused.
COLUMNS = ["bot", "waiting", "offered", "active", "held", "wrap_up", "frozen"]
TRANSITIONS = """
handoff             waiting  .        .        .        active   active   .
offered             -        offered  -        -        -        -        -
taken               -        active   -        -        -        -        -
accepted            -        -        active   -        -        -        -
offer_ended         -        -        waiting  -        -        -        -
collector_gone      -        -        waiting  waiting  waiting  -        -
set_aside           -        -        -        held     -        -        -
hold_due            -        -        -        -        active   -        -
transfer_accepted   -        -        -        active   -        -        -
returned            -        -        -        waiting  -        -        -
finished            -        -        -        wrap_up  -        -        -
closed              -        -        -        -        -        bot      -
borrower_wrote      .        .        .        .        active   active   .
settled             .        bot      bot      .        .        .        .
freeze              frozen   frozen   frozen   frozen   frozen   frozen   frozen
released_to_person  -        -        -        -        -        -        active
released_to_bot     -        -        -        -        -        -        bot
"""
WRITERS = """
bot                 yes      no       no       no       no       no       no
holding_text        yes      yes      yes      no       no       no       no
safety_text         yes      yes      yes      yes      yes      yes      yes
owner               no       no       no       yes      yes      yes      no
other_person        no       no       no       no       no       no       no
promised_note       no       no       no       no       yes      no       no
compliance          no       no       no       no       no       no       yes
crisis_responder    no       no       no       no       no       no       yes
"""


def cells(table: str) -> list[tuple[str, str, str]]:
    rows = [line.split() for line in table.strip().splitlines()]
    return [
        (row[0], state, cell) for row in rows for state, cell in zip(COLUMNS, row[1:], strict=True)
    ]


def test_the_tables_cover_every_state_event_and_writer() -> None:
    assert set(COLUMNS) == set(State)
    assert {event for event, _, _ in cells(TRANSITIONS)} == set(Event)
    assert {writer for writer, _, _ in cells(WRITERS)} == set(Writer)


@pytest.mark.parametrize(("event", "state", "cell"), cells(TRANSITIONS))
def test_an_event_leads_where_the_table_says(event: str, state: str, cell: str) -> None:
    found = next_state(State(state), Event(event))
    if cell == "-":
        assert found == Refused(State(state), Event(event))
    else:
        assert found is State(state if cell == "." else cell)


@pytest.mark.parametrize(("writer", "state", "cell"), cells(WRITERS))
def test_only_those_of_the_table_may_write(writer: str, state: str, cell: str) -> None:
    assert may_write(State(state), Writer(writer)) is (cell == "yes")
