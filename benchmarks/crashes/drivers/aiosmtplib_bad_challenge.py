"""Mailer: signs in at a mail server."""
import asyncio

import aiosmtplib


async def odd_server(reader, writer):
    writer.write(b"220 mail.example.org ready\r\n")
    while line := await reader.readline():
        if line.startswith(b"EHLO"):
            writer.write(b"250-mail.example.org\r\n250 AUTH CRAM-MD5\r\n")
        elif line.startswith(b"AUTH"):
            writer.write(b"334 <17893.1320679123@mail.example.org>\r\n")
        else:
            writer.write(b"501 what?\r\n")
    writer.close()


async def signed_in(port, name, password):
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, timeout=5)
    await client.connect()
    try:
        await client.login(name, password)
    except aiosmtplib.SMTPAuthenticationError as error:
        return f"refused: {error.code}"
    finally:
        client.close()
    return "signed in"


async def run():
    server = await asyncio.start_server(odd_server, "127.0.0.1", 0)
    try:
        return await signed_in(server.sockets[0].getsockname()[1], "ana", "gherkin")
    finally:
        await asyncio.sleep(0.1)
        server.close()


def main():
    print(asyncio.run(run()))
