"""Monitor: says why a host cannot be reached."""
import ssl

from aiohttp import ClientConnectorCertificateError, ClientConnectorError
from aiohttp.client_reqrep import ConnectionKey


def explain(error):
    return "%s: %s" % (error.host, error.os_error)


def main():
    key = ConnectionKey("example.org", 443, True, True, None, None, None)
    print(explain(ClientConnectorError(key, OSError(111, "refused"))))
    print(explain(ClientConnectorCertificateError(key, ssl.SSLCertVerificationError("expired"))))
