package ai.llmd.epp.domain.kvcache;

/** FNV-1a with 64 bits, and over what canonical CBOR writes. No state; any thread. */
final class Fnv64 {

  static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private static final int UNSIGNED = 0;
  private static final int TEXT = 0x60;
  static final int ARRAY = 0x80;
  static final int NULL = 0xf6;

  private Fnv64() {}

  static long octet(long hash, int octet) {
    return (hash ^ octet) * PRIME;
  }

  static long bytes(long hash, byte[] bytes, int from, int length) {
    long h = hash;
    for (int i = from; i < from + length; i++) {
      h = octet(h, bytes[i] & 0xff);
    }
    return h;
  }

  /** An unsigned number of 32 bits, in its shortest form. */
  static long token(long hash, int token) {
    if (Integer.compareUnsigned(token, 24) < 0) {
      return octet(hash, token);
    }
    if (token >>> 8 == 0) {
      return octet(octet(hash, 0x18), token);
    }
    if (token >>> 16 == 0) {
      return octet(octet(octet(hash, 0x19), token >>> 8), token & 0xff);
    }
    long h = octet(octet(hash, 0x1a), token >>> 24);
    return octet(octet(octet(h, token >>> 16 & 0xff), token >>> 8 & 0xff), token & 0xff);
  }

  /** An unsigned number of 64 bits, in its shortest form. */
  static long number(long hash, long number) {
    if (number >>> 32 == 0) {
      return token(hash, (int) number);
    }
    long h = octet(hash, UNSIGNED | 0x1b);
    for (int shift = 56; shift >= 0; shift -= 8) {
      h = octet(h, (int) (number >>> shift) & 0xff);
    }
    return h;
  }

  /** The header of an array or a text of so many elements or bytes. */
  static long header(long hash, int major, int length) {
    if (length < 24) {
      return octet(hash, major | length);
    }
    if (length < 1 << 8) {
      return octet(octet(hash, major | 0x18), length);
    }
    if (length < 1 << 16) {
      return octet(octet(octet(hash, major | 0x19), length >>> 8), length & 0xff);
    }
    long h = octet(octet(hash, major | 0x1a), length >>> 24);
    return octet(octet(octet(h, length >>> 16 & 0xff), length >>> 8 & 0xff), length & 0xff);
  }

  static long text(long hash, byte[] utf8, int from, int length) {
    return bytes(header(hash, TEXT, length), utf8, from, length);
  }
}
