"""`python -m benchmarks.sink FILE [trouble]`: a mail server in a process of its own, as lean as can be.

Prints its port. As a real one must before it answers (RFC 5321, section 6.1), it writes each mail to disk
and waits until it is there. Each mail it accepts becomes a line of FILE before the sender hears of it: time,
number of the connection, Message-ID, recipient. With `trouble` (per mille of tries) it also refuses for now,
stalls and drops connections, and refuses for good whom it does not know (`gone…`); then FILE is all it
writes. What it did not answer with 250 it has not accepted. It ends with its standard input.
"""

import asyncio
import os
import random
import re
import sys
import time
from pathlib import Path

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
STALL = 3  # seconds, longer than the senders wait in a chaos


class Session(asyncio.Protocol):
    count = 0

    def __init__(self, book, spool, trouble: int) -> None:
        Session.count += 1
        self.number, self.book, self.spool, self.trouble = Session.count, book, spool, trouble
        self.buffer, self.recipient, self.in_data = b"", b"", False

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.say("220 sink")

    def say(self, line: str) -> None:
        self.transport.write(line.encode() + b"\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.transport.is_closing():
            if self.in_data:
                body, end, rest = self.buffer.partition(b"\r\n.\r\n")
                if not end:
                    return
                self.in_data, self.buffer = False, rest
                self.accept(body)
            else:
                line, end, rest = self.buffer.partition(b"\r\n")
                if not end:
                    return
                self.buffer = rest
                self.command(line)

    def command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self.say("250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")
        elif verb == b"RCPT":
            self.recipient = line[line.find(b"<") + 1 : line.find(b">")]
            if self.recipient.startswith(b"gone"):
                self.note("refused", b"")
                self.say("550 5.1.1 No such mailbox")
            elif self.hits():
                self.note("later", b"")
                self.say("451 4.3.0 Try again later")
            else:
                self.say("250 OK")
        elif verb == b"DATA":
            self.in_data = True
            self.say("354 Go ahead")
        elif verb == b"QUIT":
            self.say("221 Bye")
            self.transport.close()
        else:
            self.say("250 OK")

    def accept(self, body: bytes) -> None:
        if self.hits():
            self.note("dropped", b"")
            self.transport.abort()
        elif self.hits():
            self.note("stalled", b"")
            asyncio.get_running_loop().call_later(STALL, self.transport.abort)
        else:
            found = MESSAGE_ID.search(body)
            if self.spool:
                self.spool.write(body)
                self.spool.flush()
                os.fsync(self.spool.fileno())
            self.note("accepted", found[1] if found else b"?")
            self.say("250 OK")

    def hits(self) -> bool:
        return self.trouble > 0 and random.randrange(1000) < self.trouble

    def note(self, what: str, message_id: bytes) -> None:
        words = [f"{time.time():.6f}", str(self.number), what, message_id.decode(), self.recipient.decode()]
        self.book.write("\t".join(words) + "\n")
        self.book.flush()


async def main(path: Path, trouble: int) -> None:
    loop = asyncio.get_running_loop()
    with path.open("a") as book, path.with_suffix(".spool").open("wb") as file:
        spool = None if trouble else file
        server = await loop.create_server(lambda: Session(book, spool, trouble), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
