package ai.llmd.epp.adapter.extproc.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BackingArrayTest {

  private static final byte[] BYTES = "a whole body".getBytes(StandardCharsets.UTF_8);

  @Test
  void givesTheArrayItselfWhenItIsTheBody() {
    assertThat(BackingArray.of(UnsafeByteOperations.unsafeWrap(BYTES))).isSameAs(BYTES);
  }

  @Test
  void givesTheArrayWithMoreBehindTheBody() {
    ByteString front = UnsafeByteOperations.unsafeWrap(BYTES).substring(0, 7);
    assertThat(BackingArray.of(front)).isSameAs(BYTES);
  }

  @Test
  void copiesWhatDoesNotBeginAtTheStart() {
    ByteString behind = UnsafeByteOperations.unsafeWrap(BYTES).substring(2);
    assertThat(BackingArray.of(behind)).isEqualTo(behind.toByteArray()).isNotSameAs(BYTES);
  }

  @Test
  void copiesRopesAndBuffers() {
    ByteString rope = ByteString.copyFrom(new byte[200]).concat(ByteString.copyFrom(new byte[200]));
    assertThat(BackingArray.of(rope)).hasSize(400);
    ByteBuffer direct = ByteBuffer.allocateDirect(3).put(new byte[] {1, 2, 3}).flip();
    assertThat(BackingArray.of(UnsafeByteOperations.unsafeWrap(direct))).containsExactly(1, 2, 3);
    assertThat(BackingArray.of(ByteString.EMPTY)).isEmpty();
  }
}
