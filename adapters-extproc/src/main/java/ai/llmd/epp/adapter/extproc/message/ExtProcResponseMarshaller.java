package ai.llmd.epp.adapter.extproc.message;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Hands answers, which are encoded already, to gRPC. Stateless; any thread. */
public final class ExtProcResponseMarshaller implements Marshaller<ExtProcResponse> {

  @Override
  public InputStream stream(ExtProcResponse answer) {
    return new Encoded(answer);
  }

  @Override
  public ExtProcResponse parse(InputStream stream) {
    throw new UnsupportedOperationException("a picker answers, it gets no answers");
  }

  /** Drained into gRPC's buffer as a rule; read as a stream by other transports. */
  private static final class Encoded extends InputStream implements Drainable, KnownLength {

    private final ExtProcResponse answer;
    private @Nullable InputStream bytes;

    Encoded(ExtProcResponse answer) {
      this.answer = answer;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      answer.writeTo(target);
      return answer.size();
    }

    @Override
    public int available() throws IOException {
      return bytes == null ? answer.size() : bytes.available();
    }

    @Override
    public int read() throws IOException {
      return bytes().read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return bytes().read(target, offset, length);
    }

    private InputStream bytes() throws IOException {
      if (bytes == null) {
        var copy = new ByteArrayOutputStream(answer.size());
        answer.writeTo(copy);
        bytes = new ByteArrayInputStream(copy.toByteArray());
      }
      return bytes;
    }
  }
}
