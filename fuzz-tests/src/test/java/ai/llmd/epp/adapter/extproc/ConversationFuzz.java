package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;

import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest.Kind;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequestMarshaller;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A conversation: messages in any order, each behind its length in two bytes. It ends once, is
 * answered with what can be written, and nothing of it stays.
 */
public final class ConversationFuzz {

  private static final ExtProcRequestMarshaller MARSHALLER = new ExtProcRequestMarshaller();

  private final FakeRouting routing = new FakeRouting();
  private final BufferedBytes bufferedBytes = new BufferedBytes(4_000);
  private int closes;
  private int ends;

  private ConversationFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    new ConversationFuzz().run(ByteBuffer.wrap(data));
  }

  private void run(ByteBuffer messages) {
    ExtProcStream stream =
        new ExtProcStream(
            TestPicker.withLimits(new StreamLimits(800, 600, 4_000, 10, 10))
                .apply(TestPicker.parts(routing, new RecordedExchanges())),
            bufferedBytes,
            answers(),
            new ExtProcStream.Threads(Runnable::run, Runnable::run),
            () -> ends++);
    while (messages.remaining() >= Short.BYTES) {
      byte[] bytes =
          new byte[Math.min(Short.toUnsignedInt(messages.getShort()), messages.remaining())];
      messages.get(bytes);
      ExtProcRequest message = MARSHALLER.parse(new ByteArrayInputStream(bytes));
      if (message.kind() == Kind.MALFORMED) {
        break; // the call ends here
      }
      stream.onNext(message);
    }
    stream.onError(Status.CANCELLED.asRuntimeException());
    require(ends == 1, "ended " + ends + " times");
    require(bufferedBytes.held() == 0, bufferedBytes.held() + " bytes stay");
    routing.routes.forEach(route -> require(route.ends.size() == 1, "a route without an end"));
  }

  private StreamObserver<ExtProcResponse> answers() {
    return new StreamObserver<>() {
      @Override
      public void onNext(ExtProcResponse answer) {
        require(closes == 0, "an answer after the end");
        Wire.written(answer);
      }

      @Override
      public void onError(Throwable cause) {
        closes++;
      }

      @Override
      public void onCompleted() {
        require(closes++ == 0, "closed twice");
      }
    };
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  public static List<byte[]> seeds() {
    String body = "{\"model\":\"llama\",\"prompt\":\"hello\"}";
    return List.of(
        conversation(
            requestHeaders(false, ":path", "/v1/completions"),
            requestBody(body.substring(0, 9), false),
            requestBody(body.substring(9), true),
            responseHeaders(false, "content-type", "text/event-stream"),
            responseBody("data: {\"usage\":{\"prompt_tokens\":3}}\n\n", false),
            responseBody("data: [DONE]\n\n", true)),
        conversation(requestHeaders(true, ":path", "/health"), requestTrailers()),
        conversation(
            requestHeaders(false, ":path", "/v1/completions"),
            requestBody(body, false),
            requestTrailers(),
            responseHeaders(true, ":status", "500")));
  }

  private static byte[] conversation(ProcessingRequest... messages) {
    var bytes = new ByteArrayOutputStream();
    for (ProcessingRequest message : messages) {
      byte[] wire = message.toByteArray();
      bytes.writeBytes(ByteBuffer.allocate(Short.BYTES).putShort((short) wire.length).array());
      bytes.writeBytes(wire);
    }
    return bytes.toByteArray();
  }
}
