"""Speaks to its parent and to clients as `xiaoer.llm.embedded_child` does, without a model."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STREAM = Path(__file__).parent / "streams" / "llamacpp.sse"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b'{"status": "ok", "object": "list", "data": []}', "application/json")

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["authorization"] != f"Bearer {OPTIONS['api_key']}":
            self.send_error(401)
            return
        if self.path == "/v1/rerank":
            rows = [{"index": at, "relevance_score": len(text)} for at, text in enumerate(asked["documents"])]
            self.answer(json.dumps({"results": rows}).encode(), "application/json")
            return
        if asked.get("stream"):
            self.answer(STREAM.read_bytes(), "text/event-stream")
            return
        sys.stderr.write(f"slot {asked['id_slot']}: {asked['messages'][0]['content']}\n")
        self.answer(b'{"choices": []}', "application/json")

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Say nothing."""


OPTIONS = json.loads(sys.stdin.readline())
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdout.write(json.dumps({"address": f"http://127.0.0.1:{server.server_port}"}) + "\n")
sys.stdout.flush()
sys.stdin.read()
