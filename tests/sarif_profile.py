"""What a SARIF log must be: valid by the standard's schema, and all that code scanning asks or can show."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).parent / "data" / "sarif-2.1.0.json"
REGION = {"startLine", "startColumn", "endLine", "endColumn"}
URI = re.compile(r"(?!/)(?:[\w.~/-]|%[0-9A-F]{2})+", re.ASCII)


@functools.cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def accepted(text: str) -> dict[str, Any]:
    """The one run of a log, after all checks."""
    log = json.loads(text)
    assert [error.message for error in _validator().iter_errors(log)] == []
    assert len(log["runs"]) == 1, "code scanning refuses several runs of one tool"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for descriptor in rules:
        _check_rule(descriptor)
    for result in run["results"]:
        _check_result(result, rules)
    lines = [(item["ruleId"], *_line(item), "suppressions" in item) for item in run["results"]]
    assert len(set(lines)) == len(lines), "two results of one rule on one line are one alert"
    assert len(run["results"]) <= 25_000
    assert run["columnKind"] == "unicodeCodePoints"
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"]
    assert "file:" not in text
    return dict(run)


def _line(result: dict[str, Any]) -> tuple[str, int]:
    place = result["locations"][0]["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def _check_rule(descriptor: dict[str, Any]) -> None:
    properties = descriptor["properties"]
    assert len(descriptor["name"]) <= 255
    for key in ("shortDescription", "fullDescription"):
        assert 0 < len(descriptor[key]["text"]) <= 1_024
    assert descriptor["help"]["text"]
    assert descriptor["help"]["markdown"]
    assert descriptor["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert properties["precision"] in ("very-high", "high", "medium", "low")
    assert properties["problem.severity"] in ("error", "warning", "recommendation")
    assert 0 < len(properties["tags"]) <= 10
    assert "security-severity" not in properties


def _check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in ("error", "warning", "note")
    assert result["message"]["text"].endswith((".", "!", "?"))
    assert len(result["locations"]) == 1
    assert "primaryLocationLineHash" in result["partialFingerprints"]
    related = result.get("relatedLocations", [])
    assert len(related) <= 100
    assert [place["id"] for place in related] == list(range(1, len(related) + 1))
    for place in related:
        assert f"]({place['id']})" in result["message"]["text"], "only linked places are shown"
    steps = [
        step["location"]
        for flow in result.get("codeFlows", [])
        for thread in flow["threadFlows"]
        for step in thread["locations"]
    ]
    assert len(steps) <= 1_000
    for place in (*result["locations"], *related, *steps):
        _check_place(place["physicalLocation"])


def _check_place(place: dict[str, Any]) -> None:
    artifact, region = place["artifactLocation"], place["region"]
    assert URI.fullmatch(artifact["uri"]), artifact["uri"]
    assert artifact["uriBaseId"] == "%SRCROOT%"
    assert set(region) - {"snippet"} == REGION
    assert 1 <= region["startLine"] <= region["endLine"]
    assert min(region["startColumn"], region["endColumn"]) >= 1
