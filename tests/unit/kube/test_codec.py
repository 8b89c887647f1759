import msgspec
import pytest

from computility.kube.answer import build_error, parse_status
from computility.kube.builtin import ConfigMap
from computility.kube.codec import Unreadable, decode_page, encode_object
from computility.kube.errors import (
    AlreadyExists,
    ApiError,
    BadRequest,
    Cause,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    ServerUnavailable,
    TooManyRequests,
    Unauthorized,
)
from computility.model.assignment import Assignment
from computility.model.meta import Key, ObjectMeta


def test_an_encoded_object_says_what_it_is_and_leaves_defaults_out() -> None:
    value = ConfigMap(metadata=ObjectMeta(name="a", namespace="ns"), data={"k": "v"})

    assert msgspec.json.decode(encode_object(value)) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "ns"},
        "data": {"k": "v"},
    }


def test_one_object_of_another_release_does_not_hide_the_others() -> None:
    good = {"metadata": {"name": "good"}, "data": {"k": "v"}}
    bad = {
        "metadata": {"name": "bad", "namespace": "ns", "uid": "u", "resourceVersion": "7"},
        "data": {"k": 5},
    }
    body = msgspec.json.encode(
        {"metadata": {"resourceVersion": "9", "continue": "more"}, "items": [good, bad, good]}
    )

    page = decode_page(ConfigMap, body)

    assert [item.metadata.name for item in page.items] == ["good", "good"]
    assert [(u.key, u.uid, u.resource_version) for u in page.unreadable] == [(Key("ns", "bad"), "u", "7")]
    assert (page.resource_version, page.continue_token) == ("9", "more")


def test_an_unreadable_object_is_explained_by_its_field_and_not_by_its_value() -> None:
    body = msgspec.json.encode(
        {"items": [{"metadata": {"name": "a"}, "spec": {"memberUID": "secret!", "ordinal": 1, "lease": {}}}]}
    )

    (unreadable,) = decode_page(Assignment, body).unreadable

    assert isinstance(unreadable, Unreadable)
    assert "$.spec" in unreadable.error
    assert "secret!" not in unreadable.error


@pytest.mark.parametrize(
    "body", [b'{"metadata":{"resourceVersion":"4"},"items":null}', b'{"metadata":{"resourceVersion":"4"}}']
)
def test_a_list_without_items_is_empty(body: bytes) -> None:
    assert decode_page(ConfigMap, body).items == []


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (400, "BadRequest", BadRequest),
        (401, "Unauthorized", Unauthorized),
        (403, "Forbidden", Forbidden),
        (404, "NotFound", NotFound),
        (405, "MethodNotAllowed", ApiError),
        (409, "AlreadyExists", AlreadyExists),
        (409, "Conflict", Conflict),
        (410, "Expired", Gone),
        (422, "Invalid", Invalid),
        (429, "TooManyRequests", TooManyRequests),
        (500, "InternalError", ServerUnavailable),
        (504, "Timeout", ServerUnavailable),
    ],
)
def test_each_refusal_has_its_class(code: int, reason: str, expected: type[ApiError]) -> None:
    error = build_error("get", "/api/v1/x", code, parse_status(b'{"reason": "%s"}' % reason.encode()))

    assert type(error) is expected
    assert str(error) == f"cannot get /api/v1/x: {code} {reason}"


def test_a_refused_field_is_named() -> None:
    cause = {"field": "spec.a", "message": "too big", "reason": "FieldValueInvalid"}
    body = msgspec.json.encode({"reason": "Invalid", "details": {"causes": [cause]}})

    error = build_error("create", "/x", 422, parse_status(body))

    assert error.causes == (Cause("spec.a", "too big", "FieldValueInvalid"),)


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        (b'{"details":{"retryAfterSeconds":3}}', "9", 3.0),
        (b"{}", "9", 9.0),
        (b"{}", "Wed, 21 Oct 2026 07:28:00 GMT", None),
        (b"{}", "", None),
    ],
)
def test_the_servers_waiting_time_is_read(body: bytes, header: str, expected: float | None) -> None:
    assert build_error("get", "/x", 429, parse_status(body), header).retry_after == expected


def test_a_proxys_page_is_quoted_shortly() -> None:
    error = build_error("get", "/x", 502, parse_status(b"<html>\n bad   gateway" + b"x" * 9999))

    assert "<html> bad gateway" in str(error)
    assert len(str(error)) < 400


def test_a_servers_endless_message_is_cut() -> None:
    assert len(str(build_error("get", "/x", 400, parse_status(b'{"message":"%s"}' % (b"x" * 9999))))) < 1100


def test_an_object_quoted_by_the_server_is_left_out_and_the_cause_behind_it_kept() -> None:
    quoted = '"{' + r"\"key\":\"s3cret\"," * 200 + '}"'
    message = f'patch: Invalid value: {quoted}: unknown field "spec.x"'

    error = build_error("patch", "/x", 422, parse_status(msgspec.json.encode({"message": message})))

    assert str(error) == 'cannot patch /x: 422: patch: Invalid value: "…": unknown field "spec.x"'
