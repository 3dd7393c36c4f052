"""Domain parameters of elliptic curves, and their arithmetic by the textbook."""

from __future__ import annotations

from dataclasses import dataclass

from tests.cardlab.runtime.engine.lab import Key, Lab

Point = tuple[int, int] | None


@dataclass(frozen=True)
class Curve:
    """y² = x³ + ax + b modulo p; a generator of order n."""

    bits: int
    p: int
    a: int
    b: int
    g: tuple[int, int]
    n: int

    @property
    def width(self) -> int:
        """Bytes of a coordinate."""
        return (self.bits + 7) // 8

    def octets(self, point: Point) -> bytes:
        """The uncompressed point."""
        assert point is not None
        return b"\x04" + b"".join(one.to_bytes(self.width, "big") for one in point)

    def add(self, left: Point, right: Point) -> Point:
        """The sum of two points; None is the neutral one."""
        if left is None or right is None:
            return left or right
        (x1, y1), (x2, y2) = left, right
        if x1 == x2 and (y1 + y2) % self.p == 0:
            return None
        if left == right:
            slope = (3 * x1 * x1 + self.a) * pow(2 * y1, -1, self.p)
        else:
            slope = (y2 - y1) * pow(x2 - x1, -1, self.p)
        x = (slope * slope - x1 - x2) % self.p
        return x, (slope * (x1 - x) - y1) % self.p

    def times(self, factor: int, point: Point) -> Point:
        """A multiple of a point."""
        result: Point = None
        for bit in bin(factor)[2:]:
            result = self.add(result, result)
            result = self.add(result, point) if bit == "1" else result
        return result

    def domain(self, cofactor: int | None = 1) -> dict[str, bytes]:
        """The parts of a key."""
        parts = {
            name: value.to_bytes(self.width, "big") for name, value in (("field", self.p), ("a", self.a), ("b", self.b))
        }
        parts |= {"g": self.octets(self.g), "r": self.n.to_bytes((self.n.bit_length() + 7) // 8, "big")}
        return parts | ({} if cofactor is None else {"k": cofactor.to_bytes(2, "big")})

    def private(self, lab: Lab, value: int) -> Key:
        """A private key."""
        return lab.key("EC_FP_PRIVATE", self.bits, **self.domain(), s=value.to_bytes(self.width, "big"))

    def public(self, lab: Lab, point: Point) -> Key:
        """A public key."""
        return lab.key("EC_FP_PUBLIC", self.bits, **self.domain(), w=self.octets(point))


def default(lab: Lab, bits: int) -> Curve:
    """The curve on which keys of this length are generated; its parameters are checked by test_keys.py."""
    public, private = lab.key("EC_FP_PUBLIC", bits), lab.key("EC_FP_PRIVATE", bits)
    lab.generate(public, private)
    parts = {name: int.from_bytes(value, "big") for name, value in public.parts().items()}
    g = public.parts()["g"][1:]
    point = int.from_bytes(g[: len(g) // 2], "big"), int.from_bytes(g[len(g) // 2 :], "big")
    return Curve(bits, parts["field"], parts["a"], parts["b"], point, parts["r"])


# RFC 5639, 3
BRAINPOOL: dict[str, Curve] = {
    "brainpoolP256r1": Curve(
        256,
        0xA9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377,
        0x7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9,
        0x26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6,
        (
            0x8BD2AEB9CB7E57CB2C4B482FFC81B7AFB9DE27E1E3BD23C23A4453BD9ACE3262,
            0x547EF835C3DAC4FD97F8461A14611DC9C27745132DED8E545C1D54C72F046997,
        ),
        0xA9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7,
    ),
    "brainpoolP384r1": Curve(
        384,
        0x8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B412B1DA197FB71123ACD3A729901D1A71874700133107EC53,
        0x7BC382C63D8C150C3C72080ACE05AFA0C2BEA28E4FB22787139165EFBA91F90F8AA5814A503AD4EB04A8C7DD22CE2826,
        0x04A8C7DD22CE28268B39B55416F0447C2FB77DE107DCD2A62E880EA53EEB62D57CB4390295DBC9943AB78696FA504C11,
        (
            0x1D1C64F068CF45FFA2A63A81B7C13F6B8847A3E77EF14FE3DB7FCAFE0CBD10E8E826E03436D646AAEF87B2E247D4AF1E,
            0x8ABE1D7520F9C2A45CB1EB8E95CFD55262B70B29FEEC5864E19C054FF99129280E4646217791811142820341263C5315,
        ),
        0x8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B31F166E6CAC0425A7CF3AB6AF6B7FC3103B883202E9046565,
    ),
    "brainpoolP512r1": Curve(
        512,
        0xAADD9DB8DBE9C48B3FD4E6AE33C9FC07CB308DB3B3C9D20ED6639CCA703308717D4D9B009BC66842AECDA12AE6A380E62881FF2F2D82C68528AA6056583A48F3,
        0x7830A3318B603B89E2327145AC234CC594CBDD8D3DF91610A83441CAEA9863BC2DED5D5AA8253AA10A2EF1C98B9AC8B57F1117A72BF2C7B9E7C1AC4D77FC94CA,
        0x3DF91610A83441CAEA9863BC2DED5D5AA8253AA10A2EF1C98B9AC8B57F1117A72BF2C7B9E7C1AC4D77FC94CADC083E67984050B75EBAE5DD2809BD638016F723,
        (
            0x81AEE4BDD82ED9645A21322E9C4C6A9385ED9F70B5D916C1B43B62EEF4D0098EFF3B1F78E2D0D48D50D1687B93B97D5F7C6D5047406A5E688B352209BCB9F822,
            0x7DDE385D566332ECC0EABFA9CF7822FDF209F70024A57B1AA000C55B881F8111B2DCDE494A5F485E5BCA4BD88A2763AED1CA2B2FA8F0540678CD1E0F3AD80892,
        ),
        0xAADD9DB8DBE9C48B3FD4E6AE33C9FC07CB308DB3B3C9D20ED6639CCA70330870553E5C414CA92619418661197FAC10471DB1D381085DDADDB58796829CA90069,
    ),
}
