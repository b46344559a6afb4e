"""The part that both Python drivers share: one JSON request a line on standard input, one JSON answer a line on
standard output: {"ok": ...} or {"error": "..."}."""

import json
import sys
import traceback


def record(partition, offset, key, value, headers, timestamp):
    return {
        "p": partition,
        "o": offset,
        "k": None if key is None else key.decode(),
        "v": None if value is None else value.decode(),
        "h": {name: content.decode() for name, content in (headers or [])},
        "t": timestamp,
    }


def headers_of(json_record):
    return [(name, content.encode()) for name, content in json_record.get("h", {}).items()]


def bytes_of(text):
    return None if text is None else text.encode()


def serve(driver):
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a client prints must not stand among the answers
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": getattr(driver, request.pop("op"))(**request)}
        except Exception as e:
            traceback.print_exc()
            answer = {"error": type(e).__name__ + ": " + str(e)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
