#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""asyncio on plain sockets, as server or client, TCP and UDP.

usage: aio.py serve|ask ADDR PORT BYTES

The server answers each connection with the SHA-256 of what it read until the
end of the stream, and each datagram with itself. The client sends BYTES of
random data over four connections at a time, and eight datagrams, and compares.
"""
import asyncio
import hashlib
import os
import sys


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


class Asker(asyncio.DatagramProtocol):
    def __init__(self):
        self.got = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.got.put_nowait(data)


async def answer(reader, writer):
    digest = hashlib.sha256()
    while data := await reader.read(65536):
        digest.update(data)
    writer.write(digest.digest())
    await writer.drain()
    writer.close()


async def serve(addr, port):
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Echo, local_addr=(addr, port))
    server = await asyncio.start_server(answer, addr, port)
    print("ready", flush=True)
    await server.serve_forever()


async def ask_one(addr, port, size):
    data = os.urandom(size)
    reader, writer = await asyncio.open_connection(addr, port)
    writer.write(data)
    writer.write_eof()
    got = await reader.read()
    writer.close()
    if got != hashlib.sha256(data).digest():
        sys.exit("aio: the stream's content differs")


async def ask_datagrams(addr, port):
    loop = asyncio.get_running_loop()
    transport, asker = await loop.create_datagram_endpoint(
        Asker, remote_addr=(addr, port))
    for _ in range(8):
        data = os.urandom(700)
        transport.sendto(data)
        if await asyncio.wait_for(asker.got.get(), 30) != data:
            sys.exit("aio: the datagram's content differs")
    transport.close()


async def ask(addr, port, size):
    await asyncio.gather(*(ask_one(addr, port, size) for _ in range(4)))
    await ask_datagrams(addr, port)


def main():
    role, addr, port, size = sys.argv[1:]
    if role == "serve":
        asyncio.run(serve(addr, int(port)))
    else:
        asyncio.run(ask(addr, int(port), int(size)))


main()
