package ai.llmd.epp.adapter.extproc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Envoy sends. Bytes leave the network buffer once, into an array that the message's
 * byte strings then share; gRPC's own marshaller copies every body a second time.
 *
 * <p>A message that is a body chunk and nothing else, nearly all of them while a response streams,
 * is read by hand: the generated parser makes four builders for one.
 */
final class RequestMarshaller implements Marshaller<ProcessingRequest> {

  private static final Marshaller<ProcessingRequest> GENERATED =
      ProtoUtils.marshaller(ProcessingRequest.getDefaultInstance());

  private static final int REQUEST_BODY =
      tag(ProcessingRequest.REQUEST_BODY_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int RESPONSE_BODY =
      tag(ProcessingRequest.RESPONSE_BODY_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int CHUNK =
      tag(HttpBody.BODY_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int END_OF_STREAM =
      tag(HttpBody.END_OF_STREAM_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);

  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  @Override
  public InputStream stream(ProcessingRequest message) {
    return GENERATED.stream(message);
  }

  @Override
  public ProcessingRequest parse(InputStream stream) {
    try {
      // nobody else knows the array, so it may be shared
      ByteString message = UnsafeByteOperations.unsafeWrap(bytesOf(stream));
      ProcessingRequest chunk = chunk(message);
      return chunk != null ? chunk : ProcessingRequest.parseFrom(sharing(message));
    } catch (InvalidProtocolBufferException e) {
      throw Status.INTERNAL
          .withDescription("Invalid protobuf byte sequence")
          .withCause(e)
          .asRuntimeException();
    } catch (IOException e) {
      throw new IllegalStateException("a message that has arrived cannot be read", e);
    }
  }

  /**
   * One array of the right size, where gRPC knows the size: always, unless the message is packed.
   */
  private static byte[] bytesOf(InputStream stream) throws IOException {
    if (!(stream instanceof KnownLength)) {
      return stream.readAllBytes();
    }
    byte[] bytes = new byte[stream.available()];
    if (stream.readNBytes(bytes, 0, bytes.length) < bytes.length) {
      throw new EOFException("the message is shorter than announced");
    }
    return bytes;
  }

  private static CodedInputStream sharing(ByteString message) {
    CodedInputStream in = message.newCodedInput();
    in.enableAliasing(true);
    return in;
  }

  /** The message when it is one body chunk, otherwise null. */
  private static @Nullable ProcessingRequest chunk(ByteString message) throws IOException {
    if (message.isEmpty()) {
      return null;
    }
    CodedInputStream in = sharing(message);
    int kind = in.readTag();
    if (kind != REQUEST_BODY && kind != RESPONSE_BODY) {
      return null;
    }
    int length = in.readRawVarint32();
    if (in.getTotalBytesRead() + length != message.size()) {
      return null; // something follows, metadata perhaps
    }
    HttpBody.Builder body = HttpBody.newBuilder();
    while (!in.isAtEnd()) {
      int field = in.readTag();
      if (field == CHUNK) {
        body.setBody(in.readBytes());
      } else if (field == END_OF_STREAM) {
        body.setEndOfStream(in.readBool());
      } else {
        return null; // of a later protocol version
      }
    }
    ProcessingRequest.Builder request = ProcessingRequest.newBuilder();
    return (kind == REQUEST_BODY
            ? request.setRequestBody(body.build())
            : request.setResponseBody(body.build()))
        .build();
  }
}
