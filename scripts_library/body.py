"""What a script says, ready to be said a thousand times a second.

Liquid walks its tree anew for every message, through scopes, streams and limits that the few tags
of ours hardly need. So a body made of the plain ones (values, filters, if, unless, for) becomes a
handful of functions once. Whatever is not plain, in the body or in a value, is left to Liquid,
which has the last word on faults as well.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import (
    BooleanExpression,
    FilteredExpression,
    Path,
    PositionalArgument,
    StringLiteral,
)
from liquid.builtin.expressions.logical import (
    EqExpression,
    GtExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    LtExpression,
)
from liquid.builtin.expressions.primitive import IntegerLiteral
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.template import BoundTemplate
from markupsafe import escape

from scripts_library.liquid_room import DateText

_LONGEST_LIST = 50
_LONGEST_TEXT = 9_000
"""Far below the limits of the room: what comes near them is Liquid's to judge."""

_Scope = dict[str, Any]
_Say = Callable[[_Scope, list[str]], None]
_Value = Callable[[_Scope], Any]


class _NotPlain(Exception):
    """Something only Liquid may say."""


class Body:
    """The compiled body of one wording."""

    def __init__(self, template: BoundTemplate) -> None:
        self.template = template

    def render(self, values: Mapping[str, Any]) -> str:
        """Raises Liquid's errors."""
        say = self._plainly
        if say is not None:
            said: list[str] = []
            try:
                say(dict(values), said)
            except (_NotPlain, LiquidError, KeyError, TypeError, ValueError, AttributeError):
                return self._by_liquid(values)
            text = "".join(said)
            if len(text) <= _LONGEST_TEXT:
                return text
        return self._by_liquid(values)

    @cached_property
    def is_plain(self) -> bool:
        """Whether it can be said without Liquid."""
        return self._plainly is not None

    @cached_property
    def _plainly(self) -> _Say | None:
        try:
            return _Reader(self.template).all_of(self.template.nodes)
        except _NotPlain:
            return None

    def _by_liquid(self, values: Mapping[str, Any]) -> str:
        return self.template.render(values)


class _Reader:
    """Turns a parse tree into functions; raises _NotPlain for what it does not know."""

    def __init__(self, template: BoundTemplate) -> None:
        self._filters = template.env.filters
        self._written = _escaped if template.env.autoescape else str
        self._loops = 0

    def all_of(self, nodes: Iterable[Node]) -> _Say:
        says = [self._node(node) for node in nodes if not isinstance(node, CommentNode)]

        def say(scope: _Scope, said: list[str]) -> None:
            for one in says:
                one(scope, said)

        return says[0] if len(says) == 1 else say

    def _node(self, node: Node) -> _Say:
        if isinstance(node, ContentNode):
            return _always(node.text)
        if isinstance(node, OutputNode):
            return self._output(node.expression)
        if isinstance(node, IfNode):
            return self._choice(node, _is_true)
        if isinstance(node, UnlessNode):
            return self._choice(node, lambda value: not _is_true(value))
        if isinstance(node, ForNode):
            return self._loop(node)
        raise _NotPlain

    def _output(self, expression: Expression) -> _Say:
        value, written = self._filtered(expression), self._written

        def say(scope: _Scope, said: list[str]) -> None:
            found = value(scope)
            kind = type(found)
            if kind is str or kind is DateText:
                said.append(written(found))
            elif kind is int or kind is Decimal:
                said.append(str(found))
            elif found is not None:
                raise _NotPlain

        return say

    def _filtered(self, expression: Expression) -> _Value:
        if type(expression) is not FilteredExpression:
            raise _NotPlain
        value = self._value(expression.left)
        for one in expression.filters or ():
            act = self._filters.get(one.name)
            if act is None or not all(type(given) is PositionalArgument for given in one.args):
                raise _NotPlain
            value = _through(act, value, [_literal(given.value) for given in one.args])
        return value

    def _choice(self, node: IfNode | UnlessNode, holds: Callable[[Any], bool]) -> _Say:
        condition, then = self._condition(node.condition), self._block(node.consequence)
        others = [
            (self._condition(one.expression), self._block(one.block)) for one in node.alternatives
        ]
        default = self._block(node.default) if node.default else None

        def say(scope: _Scope, said: list[str]) -> None:
            if holds(condition(scope)):
                then(scope, said)
                return
            for other, block in others:
                if _is_true(other(scope)):
                    block(scope, said)
                    return
            if default is not None:
                default(scope, said)

        return say

    def _loop(self, node: ForNode) -> _Say:
        loop = node.expression
        if node.default or loop.limit or loop.offset or loop.reversed or loop.cols or self._loops:
            raise _NotPlain
        self._loops += 1
        name, entries, block = loop.identifier, self._value(loop.iterable), self._block(node.block)
        self._loops -= 1

        def say(scope: _Scope, said: list[str]) -> None:
            found = entries(scope)
            if not isinstance(found, list) or len(found) > _LONGEST_LIST:
                raise _NotPlain
            inner = dict(scope)
            for entry in found:
                inner[name] = entry
                block(inner, said)

        return say

    def _block(self, block: BlockNode) -> _Say:
        if block.blank:  # Liquid says nothing of a block that has only blanks
            raise _NotPlain
        return self.all_of(block.nodes)

    def _condition(self, expression: Expression) -> _Value:
        if isinstance(expression, BooleanExpression):
            return self._condition(expression.expression)
        if isinstance(expression, LogicalAndExpression | LogicalOrExpression):
            left, right = self._condition(expression.left), self._condition(expression.right)
            if isinstance(expression, LogicalAndExpression):
                return lambda scope: _is_true(left(scope)) and _is_true(right(scope))
            return lambda scope: _is_true(left(scope)) or _is_true(right(scope))
        if isinstance(expression, EqExpression | GtExpression | LtExpression):
            return self._comparison(expression)
        return self._value(expression)

    def _comparison(self, expression: EqExpression | GtExpression | LtExpression) -> _Value:
        left, right = self._value(expression.left), self._value(expression.right)
        if isinstance(expression, EqExpression):
            return lambda scope: _number(left(scope)) == _number(right(scope))
        if isinstance(expression, GtExpression):
            return lambda scope: _number(left(scope)) > _number(right(scope))
        return lambda scope: _number(left(scope)) < _number(right(scope))

    def _value(self, expression: Expression) -> _Value:
        if type(expression) is IntegerLiteral:
            fixed = expression.value
            return lambda _scope: fixed
        if type(expression) is not Path:
            raise _NotPlain
        head, *rest = names = [name for name in expression.path if isinstance(name, str)]
        if len(names) != len(expression.path) or head == "forloop":
            raise _NotPlain
        if not rest:
            return lambda scope: scope[head]
        if len(rest) == 1:
            only = rest[0]
            if only == "size":
                return lambda scope: _part(scope[head], only)
            return lambda scope: scope[head][only]  # what is no record raises, and Liquid knows

        def value(scope: _Scope) -> Any:
            found = scope[head]
            for name in rest:
                found = _part(found, name)
            return found

        return value


def _always(text: str) -> _Say:
    return lambda _scope, said: said.append(text)


def _through(act: Callable[..., Any], value: _Value, given: list[str]) -> _Value:
    if not given:
        return lambda scope: act(value(scope))
    return lambda scope: act(value(scope), *given)


def _literal(expression: Expression) -> str:
    if type(expression) is not StringLiteral:
        raise _NotPlain
    return expression.value


def _part(whole: Any, name: str) -> Any:
    if type(whole) is dict:
        return whole[name]
    if name == "size" and isinstance(whole, list):
        return len(whole)
    raise _NotPlain


def _number(value: Any) -> int:
    if type(value) is not int:
        raise _NotPlain
    return value


def _is_true(value: Any) -> bool:
    if isinstance(value, list) and hasattr(value, "__liquid__"):
        value = value.__liquid__()
    return value is not None and value is not False


def _escaped(text: str) -> str:
    if "&" in text or "<" in text or ">" in text or '"' in text or "'" in text:
        return escape(text)
    return text
