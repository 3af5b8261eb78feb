package ai.llmd.epp.adapter.extproc.memory;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.memory.BodyBuffer.Added;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BodyBufferTest {

  private static final int MEBIBYTE = 1 << 20;

  private final BufferedBytes together = new BufferedBytes(64L * MEBIBYTE);
  private final BodyBuffer buffer = new BodyBuffer(8 * MEBIBYTE, together);

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private List<ByteString> pieces() {
    List<ByteString> pieces = new ArrayList<>();
    buffer.forEach(pieces::add);
    return pieces;
  }

  @Test
  void aByteThatComesAloneCostsAboutAByte() {
    byte[] body = bytes(new Random(1), MEBIBYTE);

    for (int i = 0; i < body.length; i++) {
      assertThat(buffer.add(ByteString.copyFrom(body, i, 1))).isEqualTo(Added.KEPT);
    }

    assertThat(together.held()).isLessThan(MEBIBYTE + MEBIBYTE / 16);
    assertThat(pieces()).hasSizeLessThan(80);
    assertThat(buffer.joined()).isEqualTo(ByteString.copyFrom(body));
    buffer.release();
    assertThat(together.held()).isZero();
  }

  /** Whatever the sizes are, what is counted is at most a small multiple of what came. */
  @RepeatedTest(50)
  void keepsEveryByteInItsPlace(RepetitionInfo round) {
    Random random = new Random(round.getCurrentRepetition());
    int largest = 1 << random.nextInt(1, 17);
    ByteString body = ByteString.EMPTY;
    for (int i = 0; i < 200; i++) {
      ByteString chunk = ByteString.copyFrom(bytes(random, random.nextInt(largest)));
      assertThat(buffer.add(chunk)).isEqualTo(Added.KEPT);
      body = body.concat(chunk);
    }

    long kept = pieces().stream().mapToLong(ByteString::size).sum();
    assertThat(kept).isEqualTo(body.size());
    assertThat(ByteString.copyFrom(pieces())).isEqualTo(body);
    assertThat(together.held())
        .isBetween(kept + (long) BodyBuffer.PIECE_BYTES * pieces().size(), 3 * kept + 512);
    assertThat(buffer.joined()).isEqualTo(body);
    assertThat(pieces()).hasSize(1);
  }

  @Test
  void tinyAndLargeChunksByTurnsCostAtMostTwice() {
    int sent = 0;
    for (int i = 0; i < 100; i++) {
      buffer.add(ByteString.copyFrom(new byte[1]));
      buffer.add(ByteString.copyFrom(new byte[20_000]));
      sent += 20_001;
    }
    assertThat(together.held()).isLessThan(2L * sent);
  }

  @Test
  void keepsALargeChunkWithoutACopy() {
    ByteString large = ByteString.copyFrom(new byte[5000]);
    buffer.add(large);
    assertThat(buffer.joined()).isSameAs(large);
    buffer.add(large);
    assertThat(pieces()).allSatisfy(piece -> assertThat(piece).isSameAs(large));
  }

  @Test
  void takesABoundedNumberOfChunks() {
    for (int i = 0; i < BodyBuffer.MAX_CHUNKS; i++) {
      buffer.add(ByteString.EMPTY);
    }
    assertThat(buffer.add(ByteString.EMPTY)).isEqualTo(Added.TOO_MANY);
    assertThat(together.held()).isZero();
  }

  @Test
  void leavesTheBodyAsItWasWhenThereIsNoRoom() {
    BufferedBytes little = new BufferedBytes(300);
    BodyBuffer body = new BodyBuffer(1000, little);
    assertThat(body.add(ByteString.copyFromUtf8("first"))).isEqualTo(Added.KEPT);
    assertThat(body.add(ByteString.copyFromUtf8("second"))).isEqualTo(Added.NO_ROOM);
    assertThat(body.joined()).isEqualTo(ByteString.copyFromUtf8("first"));
    assertThat(little.held()).isEqualTo(5 + BodyBuffer.PIECE_BYTES);
    body.release();
    assertThat(little.held()).isZero();
  }
}
