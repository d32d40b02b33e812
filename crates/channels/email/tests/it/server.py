# A mail server for tests: reads its setup from the first line of its input, tells its port, and then each message as one line of JSON,
# read by Python's own parser. It ends with its input.
import asyncio, json, ssl, sys
from email import policy
from email.parser import BytesParser
from aiosmtpd.smtp import SMTP, AuthResult

setup = json.loads(sys.stdin.readline())


def tell(what):
    print(json.dumps(what), flush=True)


def read(content):
    message = BytesParser(policy=policy.default).parsebytes(content)
    body = lambda kind: message.get_body((kind,)).get_content()
    return {
        "headers": {name: str(value) for name, value in message.items()},
        "type": message.get_content_type(),
        "plain": body("plain"),
        "html": body("html"),
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
        "header_defects": [str(defect) for value in message.values() for defect in value.defects],
    }


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        user = session.auth_data.login.decode() if session.auth_data else None
        tell({"from": envelope.mail_from, "to": envelope.rcpt_tos, "user": user, **read(envelope.content)})
        return "250 2.0.0 taken"


def welcome(server, session, envelope, mechanism, data):
    known = (data.login, data.password) == (setup["username"].encode(), setup["password"].encode())
    return AuthResult(success=known, handled=False, auth_data=data)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(setup["certificate"], setup["key"])
    upgrade = None if setup["implicit"] else context
    options = {"tls_context": upgrade, "require_starttls": upgrade is not None, "auth_require_tls": upgrade is not None}
    make = lambda: SMTP(Handler(), authenticator=welcome, auth_required=True, hostname="localhost", **options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if setup["implicit"] else None)
    tell(server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
