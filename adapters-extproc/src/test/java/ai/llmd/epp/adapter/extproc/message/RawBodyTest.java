package ai.llmd.epp.adapter.extproc.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RawBodyTest {

  @Test
  void writesWhatWasReceivedInWhateverPieces() {
    byte[] one = new byte[300];
    one[299] = 7;
    ByteString body =
        ByteString.copyFrom(one)
            .concat(UnsafeByteOperations.unsafeWrap(ByteBuffer.allocateDirect(200)))
            .concat(ByteString.copyFrom(one));
    var written = new ByteArrayOutputStream();
    RawBody raw = new RawBody(body);
    raw.writeTo(written::write);
    assertThat(written.toByteArray()).isEqualTo(body.toByteArray());
    assertThat(raw.byteLength()).isEqualTo(800);
  }

  @Test
  void doesNotShowItsText() {
    assertThat(new RawBody(ByteString.copyFrom("secret", StandardCharsets.UTF_8)))
        .hasToString("RawBody[6 bytes]");
  }
}
