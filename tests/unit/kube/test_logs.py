import json
import logging
import sys

from computility.kube.logs import JsonLines


def a_record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("computility.hub", logging.WARNING, "f.py", 1, message, values, None)


def test_a_record_is_one_line_of_json() -> None:
    line = JsonLines().format(a_record("read %s", "a\nb"))

    assert "\n" not in line
    assert json.loads(line) | {"time": ""} == {
        "time": "",
        "level": "warning",
        "logger": "computility.hub",
        "message": "read a\nb",
    }
    assert json.loads(line)["time"].endswith("+00:00")


def test_an_exception_adds_its_traceback() -> None:
    record = a_record("failed")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        record.exc_info = sys.exc_info()

    assert "ZeroDivisionError" in json.loads(JsonLines().format(record))["traceback"]
