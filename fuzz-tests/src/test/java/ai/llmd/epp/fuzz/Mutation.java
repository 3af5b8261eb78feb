package ai.llmd.epp.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes inputs out of others: the same ones for the same number. */
final class Mutation {

  private static final int MAX_BYTES = 16 << 10;
  private static final byte[] TELLING =
      "\0\t\n\r \"\\{}[]:,'#-+.0189eEtfnuad=&*|>!%@`\u007f\u00ff"
          .getBytes(StandardCharsets.ISO_8859_1);

  private final List<byte[]> seeds;
  private final Random random;

  Mutation(List<byte[]> seeds, long number) {
    this.seeds = seeds;
    this.random = new Random(number * 0x9E3779B97F4A7C15L);
  }

  byte[] input() {
    byte[] bytes = any().clone();
    int changes = 1 + random.nextInt(1 + random.nextInt(12));
    for (int i = 0; i < changes; i++) {
      bytes = changed(bytes);
    }
    return bytes.length > MAX_BYTES ? Arrays.copyOf(bytes, MAX_BYTES) : bytes;
  }

  private byte[] any() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] changed(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, at + random.nextInt(1 + random.nextInt(64)));
    return switch (random.nextInt(8)) {
      case 0 -> spliced(bytes, at, to, new byte[0]); // a piece is missing
      case 1 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, to)); // or there twice
      case 2 -> spliced(bytes, at, to, piece(any()));
      case 3 -> spliced(bytes, at, at, new byte[] {TELLING[random.nextInt(TELLING.length)]});
      case 4 -> spliced(bytes, at, at, repeated());
      case 5 -> Arrays.copyOf(bytes, at); // it ends early
      case 6 -> withByte(bytes, at, TELLING[random.nextInt(TELLING.length)]);
      default -> withByte(bytes, at, (byte) random.nextInt(256));
    };
  }

  private byte[] piece(byte[] of) {
    int from = random.nextInt(of.length + 1);
    return Arrays.copyOfRange(of, from, Math.min(of.length, from + random.nextInt(200)));
  }

  private byte[] repeated() {
    byte[] many = new byte[1 + random.nextInt(1 + random.nextInt(2_000))];
    Arrays.fill(many, TELLING[random.nextInt(TELLING.length)]);
    return many;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] with) {
    byte[] result = new byte[from + with.length + bytes.length - to];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(with, 0, result, from, with.length);
    System.arraycopy(bytes, to, result, from + with.length, bytes.length - to);
    return result;
  }

  private static byte[] withByte(byte[] bytes, int at, byte value) {
    if (at < bytes.length) {
      bytes[at] = value;
    }
    return bytes;
  }
}
