# struct, base64, hashlib-free binary helpers.
import struct, base64
print(struct.pack("<IhB", 1, -2, 255), struct.unpack(">Hd", struct.pack(">Hd", 5, 1.5)), struct.calcsize("iqd"), struct.pack("5s?", b"ab", True), struct.unpack_from("<H", b"\x00\x01\x02", 1), list(struct.iter_unpack("B", b"ab")))
try:
    struct.pack("B", 300)
except struct.error as e:
    print("struct.error")
print(base64.b64encode(b"hello world"), base64.b64decode("aGk="), base64.b16encode(b"\xff"), base64.urlsafe_b64encode(b"\xfb\xff"), base64.b32encode(b"a"))
