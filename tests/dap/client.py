# SPDX-License-Identifier: MIT
"""A client of the Debug Adapter Protocol, as an editor is one, for the tests.  Source: the protocol's specification."""
import base64
import json
import queue
import subprocess
import threading


class Gone(Exception):
    """The adapter has closed the conversation."""


class Client:
    def __init__(self, trapgate, timeout=60):
        self.process = subprocess.Popen([str(trapgate), "dap"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.timeout, self.sequence = timeout, 0
        self.messages = queue.Queue()
        self.events, self.output = [], ""
        self.current = None  # the thread of the last stop
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, command, **arguments):
        self.sequence += 1
        body = json.dumps({"seq": self.sequence, "type": "request", "command": command, "arguments": arguments}).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return self.sequence

    def receive(self):
        message = self.messages.get(timeout=self.timeout)
        if message is None:
            raise Gone
        if message["type"] == "event":
            self.events.append(message)
            if message["event"] == "stopped":
                self.current = message["body"]["threadId"]
            if message["event"] == "output" and message["body"].get("category") == "stdout":
                self.output += message["body"]["output"]
        return message

    def response(self, sequence):
        while True:
            message = self.receive()
            if message["type"] == "response" and message["request_seq"] == sequence:
                return message

    def ask(self, command, **arguments):
        """The body of the answer; AssertionError if it is a refusal."""
        answer = self.response(self.send(command, **arguments))
        assert answer["success"], (command, arguments, answer)
        return answer.get("body", {})

    def refused(self, command, **arguments):
        """Why a request is refused; AssertionError if it is not."""
        answer = self.response(self.send(command, **arguments))
        assert not answer["success"], (command, arguments, answer)
        return answer["message"]

    def event(self, *names):
        """The next event of these names, among those that have come already or that come."""
        while True:
            for index, event in enumerate(self.events):
                if event["event"] in names:
                    return self.events.pop(index)
            self.receive()

    def launch(self, program, **more):
        self.ask("initialize", adapterID="trapgate", linesStartAt1=True, columnsStartAt1=True)
        self.ask("launch", program=str(program), **more)
        self.event("initialized")

    def start(self, program, **more):
        """Launches, stopped at the program's first instruction."""
        self.launch(program, stopOnEntry=True, **more)
        self.ask("configurationDone")
        return self.event("stopped")["body"]

    def move(self, command, **arguments):
        """A request that moves time; the body of the event that tells where it ended."""
        self.ask(command, threadId=self.current, **arguments)
        return self.event("stopped")["body"]

    def frames(self, thread=None):
        return self.ask("stackTrace", threadId=thread or self.current)["stackFrames"]

    def scope(self, name, frame=None):
        """A scope's variables by name."""
        frame = frame or self.frames()[0]
        scopes = {s["name"]: s["variablesReference"] for s in self.ask("scopes", frameId=frame["id"])["scopes"]}
        return self.inside(scopes[name])

    def inside(self, reference):
        return {v["name"]: v for v in self.ask("variables", variablesReference=reference)["variables"]}

    def memory(self, address, count):
        return base64.b64decode(self.ask("readMemory", memoryReference=address, count=count)["data"])

    def end(self):
        """Disconnects; the exit status."""
        self.ask("disconnect")
        return self.process.wait(self.timeout)
