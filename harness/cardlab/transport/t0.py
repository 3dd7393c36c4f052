"""APDUs over T=0, where a message carries data in one direction only (ISO/IEC 7816-3:2006, 12.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cardlab.iso7816.apdu import SHORT_MAX_DATA, SHORT_MAX_LE, CommandApdu, MalformedApduError, ResponseApdu

_INS_ENVELOPE, _INS_GET_RESPONSE = 0xC2, 0xC0
_MORE_DATA, _WRONG_LE, _DONE = 0x61, 0x6C, 0x9000
_FURTHER_CHANNELS = 0x40  # classes of channels 4 to 19 (ISO/IEC 7816-4:2020, 5.4.1)

Exchange = Callable[[bytes], bytes]


def transmit_t0(exchange: Exchange, raw: bytes) -> bytes:
    """Send a command as T=0 messages and put its response together; raises what ``exchange`` raises.

    Data of a command that has both is fetched (61xx), a wrong Le corrected (6Cxx), and more than 255 bytes go in
    envelopes. At most Le bytes come back; without Le, 61xx is the caller's. Bytes that are no APDU go as they are.
    """
    try:
        command = CommandApdu.from_bytes(raw)
    except MalformedApduError:
        return exchange(raw)
    response = ResponseApdu(b"", _DONE)
    for message in _messages(command):
        response = _send(exchange, message)
        if response.sw != _DONE:
            break
    if command.le is not None:
        response = _fetch(exchange, command, response)
    return response.to_bytes()


def _messages(command: CommandApdu) -> Iterator[CommandApdu]:
    """The messages that bring a command to the card."""
    header = (command.cla, command.ins, command.p1, command.p2)
    if len(command.data) > SHORT_MAX_DATA:  # 12.2.6
        whole = command.to_bytes()
        for start in range(0, len(whole), SHORT_MAX_DATA):
            yield CommandApdu(_plain(command.cla), _INS_ENVELOPE, 0, 0, whole[start : start + SHORT_MAX_DATA])
    elif command.data:
        yield CommandApdu(*header, data=command.data)
    else:
        yield CommandApdu(*header, le=None if command.le is None else min(command.le, SHORT_MAX_LE))


def _send(exchange: Exchange, message: CommandApdu) -> ResponseApdu:
    """One message; again with the length that the card names, when it does not like ours (12.2.3, case 2S.3)."""
    response = ResponseApdu.from_bytes(exchange(message.to_bytes()))
    if message.le is None or response.sw >> 8 != _WRONG_LE:
        return response
    again = CommandApdu(message.cla, message.ins, message.p1, message.p2, le=response.sw & 0xFF or SHORT_MAX_LE)
    answer = ResponseApdu.from_bytes(exchange(again.to_bytes()))
    return ResponseApdu(answer.data[: message.le], answer.sw)


def _fetch(exchange: Exchange, command: CommandApdu, response: ResponseApdu) -> ResponseApdu:
    """Ask for what is left, up to Le bytes (12.2.4 and 12.2.5)."""
    data, wanted = response.data, command.le or 0
    while response.sw >> 8 == _MORE_DATA and len(data) < wanted:
        some = min(response.sw & 0xFF or SHORT_MAX_LE, wanted - len(data))
        response = _send(exchange, CommandApdu(_plain(command.cla), _INS_GET_RESPONSE, 0, 0, le=some))
        if not response.data and response.sw >> 8 == _MORE_DATA:
            break  # a card that promises and never delivers
        data += response.data
    return ResponseApdu(data, response.sw)


def _plain(cla: int) -> int:
    """The interindustry class of the same logical channel, without chaining and secure messaging."""
    return cla & 0x4F if cla & _FURTHER_CHANNELS else cla & 0x03
