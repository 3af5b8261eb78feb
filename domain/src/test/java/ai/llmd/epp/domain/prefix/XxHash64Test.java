package ai.llmd.epp.domain.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class XxHash64Test {

  @Test
  void agreesWithAnotherImplementationForEveryShortLength() {
    byte[] bytes = randomBytes(new Random(1), 300);
    for (int length = 0; length <= 260; length++) {
      for (long seed : new long[] {0, 1, -1, 0x1234_5678_9ABC_DEF0L}) {
        assertThat(XxHash64.hash(bytes, 7, length, seed))
            .as("length %d, seed %d", length, seed)
            .isEqualTo(Hashing.xxh64(seed).hashBytesToLong(bytes, 7, length));
      }
    }
  }

  @RepeatedTest(200)
  void hashesAStreamLikeTheWholeHoweverItIsCut(RepetitionInfo round) {
    var random = new Random(round.getCurrentRepetition());
    byte[] bytes = randomBytes(random, random.nextInt(2_000));
    long seed = random.nextLong();
    var stream = new XxHash64(random.nextLong());
    stream.update(bytes, 0, bytes.length / 2);
    stream.reset(seed);
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, random.nextInt(90));
      stream.update(bytes, at, length);
      at += length;
    }
    assertThat(stream.digest()).isEqualTo(XxHash64.hash(bytes, 0, bytes.length, seed));
  }

  @Test
  void goesOnAfterADigest() {
    byte[] bytes = randomBytes(new Random(2), 100);
    var stream = new XxHash64(3);
    stream.update(bytes, 0, 40);
    assertThat(stream.digest()).isEqualTo(XxHash64.hash(bytes, 0, 40, 3));
    stream.update(bytes, 40, 60);
    assertThat(stream.digest()).isEqualTo(XxHash64.hash(bytes, 0, 100, 3));
  }

  @Test
  void hashesTwoNumbersLikeTheirSixteenBytes() {
    var random = new Random(4);
    for (int i = 0; i < 100; i++) {
      long first = random.nextLong();
      long second = random.nextLong();
      byte[] bytes =
          ByteBuffer.allocate(16)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(first)
              .putLong(second)
              .array();
      assertThat(XxHash64.hash(first, second, i)).isEqualTo(XxHash64.hash(bytes, 0, 16, i));
    }
  }

  private static byte[] randomBytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
