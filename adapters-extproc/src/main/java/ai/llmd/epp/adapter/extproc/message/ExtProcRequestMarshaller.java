package ai.llmd.epp.adapter.extproc.message;

import ai.llmd.epp.adapter.extproc.message.ExtProcRequest.Kind;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Envoy sends, by hand: the generated classes copy every body and make a builder and an
 * object for each header. Bytes leave the network buffer once. Stateless; any thread.
 */
public final class ExtProcRequestMarshaller implements Marshaller<ExtProcRequest> {

  private static final int PROTOCOL =
      HeaderLines.lengthDelimited(ProcessingRequest.PROTOCOL_CONFIG_FIELD_NUMBER);
  private static final int METADATA =
      HeaderLines.lengthDelimited(ProcessingRequest.METADATA_CONTEXT_FIELD_NUMBER);
  private static final int HEADERS = HeaderLines.lengthDelimited(HttpHeaders.HEADERS_FIELD_NUMBER);
  private static final int HEADERS_END =
      HttpHeaders.END_OF_STREAM_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
  private static final int BODY = HeaderLines.lengthDelimited(HttpBody.BODY_FIELD_NUMBER);
  private static final int BODY_END =
      HttpBody.END_OF_STREAM_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;

  /** Most bytes of a message that came compressed: inflating takes its time on an event loop. */
  static final int MAX_INFLATED_BYTES = 16 << 20;

  /** Two tags and two lengths come before the bytes of a body. */
  private static final int MAX_BEFORE_BODY = 12;

  @Override
  public InputStream stream(ExtProcRequest message) {
    throw new UnsupportedOperationException("a picker is asked, it does not ask");
  }

  /**
   * What cannot be read becomes a message of kind {@code MALFORMED}. An exception from here would
   * end the call inside gRPC, which goes on delivering what was asked for; an answer to that is an
   * error of the whole connection, with all its streams.
   */
  @Override
  public ExtProcRequest parse(InputStream stream) {
    try {
      if (!(stream instanceof KnownLength)) {
        return inflated(stream);
      }
      int size = stream.available();
      byte[] begin = new byte[Math.min(size, MAX_BEFORE_BODY)];
      fill(stream, begin, 0);
      ExtProcRequest chunk = size < MAX_BEFORE_BODY ? null : chunk(begin, size, stream);
      return chunk != null ? chunk : read(whole(begin, size, stream));
    } catch (IOException | StatusRuntimeException e) { // the latter: too large once decompressed
      return ExtProcRequest.UNREADABLE;
    }
  }

  /** A message that was compressed: its size is known when it has been read. */
  private static ExtProcRequest inflated(InputStream stream) throws IOException {
    byte[] bytes = stream.readNBytes(MAX_INFLATED_BYTES + 1);
    return bytes.length > MAX_INFLATED_BYTES ? ExtProcRequest.UNREADABLE : read(bytes);
  }

  private static byte[] whole(byte[] begin, int size, InputStream rest) throws IOException {
    byte[] bytes = new byte[size];
    System.arraycopy(begin, 0, bytes, 0, begin.length);
    fill(rest, bytes, begin.length);
    return bytes;
  }

  private static void fill(InputStream stream, byte[] bytes, int from) throws IOException {
    int wanted = bytes.length - from;
    if (stream.readNBytes(bytes, from, wanted) < wanted) {
      throw new EOFException("the message is shorter than announced");
    }
  }

  /**
   * A message that begins with a piece of a body, nearly all of them. Its bytes get an array of
   * their own, so that a parser finds them at its beginning and they are copied once; what follows
   * is little: Envoy adds metadata to every message. Null, and nothing read, when it is not so.
   */
  private static @Nullable ExtProcRequest chunk(byte[] begin, int size, InputStream rest)
      throws IOException {
    Kind kind = kindOf(begin[0]);
    if (kind != Kind.REQUEST_BODY && kind != Kind.RESPONSE_BODY) {
      return null;
    }
    CodedInputStream in = CodedInputStream.newInstance(begin);
    in.readTag();
    int inner = in.readRawVarint32();
    int innerStart = in.getTotalBytesRead();
    if (in.readTag() != BODY) {
      return null;
    }
    int length = in.readRawVarint32();
    int before = in.getTotalBytesRead();
    int afterInside = inner - (before - innerStart) - length;
    int after = size - before - length;
    if (length < begin.length - before || afterInside < 0 || after < afterInside) {
      return null; // too short, or broken
    }
    byte[] body = new byte[length];
    System.arraycopy(begin, before, body, 0, begin.length - before);
    fill(rest, body, begin.length - before);
    byte[] behind = new byte[after];
    fill(rest, behind, 0);
    return behind(kind, UnsafeByteOperations.unsafeWrap(body), behind, afterInside);
  }

  /** Reads the end of the field that brought the body, and the fields that follow. */
  private static ExtProcRequest behind(Kind kind, ByteString body, byte[] behind, int inside)
      throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(behind);
    int outer = in.pushLimit(inside);
    MessageFields fields = new MessageFields();
    Content content = Content.body(kind, body, in, fields);
    in.popLimit(outer);
    return read(content, in, behind, fields);
  }

  private static Kind kindOf(int tag) {
    if ((tag & 7) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      return Kind.NOTHING;
    }
    return switch (tag >>> 3) {
      case ProcessingRequest.REQUEST_HEADERS_FIELD_NUMBER -> Kind.REQUEST_HEADERS;
      case ProcessingRequest.REQUEST_BODY_FIELD_NUMBER -> Kind.REQUEST_BODY;
      case ProcessingRequest.REQUEST_TRAILERS_FIELD_NUMBER -> Kind.REQUEST_TRAILERS;
      case ProcessingRequest.RESPONSE_HEADERS_FIELD_NUMBER -> Kind.RESPONSE_HEADERS;
      case ProcessingRequest.RESPONSE_BODY_FIELD_NUMBER -> Kind.RESPONSE_BODY;
      case ProcessingRequest.RESPONSE_TRAILERS_FIELD_NUMBER -> Kind.RESPONSE_TRAILERS;
      default -> Kind.NOTHING;
    };
  }

  /** Any message; the array becomes part of it. */
  private static ExtProcRequest read(byte[] message) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    return read(Content.NOTHING, in, message, new MessageFields());
  }

  private static ExtProcRequest read(
      Content first, CodedInputStream in, byte[] message, MessageFields fields) throws IOException {
    Content content = first;
    Metadata metadata = Metadata.getDefaultInstance();
    ProtocolConfiguration protocol = null;
    int tag;
    while ((tag = fields.next(in)) != 0) {
      Kind kind = kindOf(tag);
      if (kind != Kind.NOTHING) {
        int outer = in.pushLimit(in.readRawVarint32());
        content = Content.read(kind, in, message, fields);
        in.popLimit(outer);
      } else if (tag == METADATA) {
        metadata = metadata(in, fields);
      } else if (tag == PROTOCOL) {
        protocol =
            in.readMessage(
                ProtocolConfiguration.parser(), ExtensionRegistryLite.getEmptyRegistry());
      } else {
        fields.skip(in, tag);
      }
    }
    return new ExtProcRequest(
        content.kind, content.headers, content.body, content.endsStream, metadata, protocol);
  }

  /** Envoy adds metadata to every message, nearly always empty. */
  private static Metadata metadata(CodedInputStream in, MessageFields fields) throws IOException {
    int length = in.readRawVarint32();
    fields.metadata(length);
    if (length == 0) {
      return Metadata.getDefaultInstance();
    }
    int outer = in.pushLimit(length);
    Metadata metadata = Metadata.parser().parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
    in.checkLastTagWas(0);
    in.popLimit(outer);
    return metadata;
  }

  /** What the message brings, of several things the last. */
  private record Content(Kind kind, HeaderLines headers, ByteString body, boolean endsStream) {

    static final Content NOTHING =
        new Content(Kind.NOTHING, HeaderLines.NONE, ByteString.EMPTY, false);

    static Content read(Kind kind, CodedInputStream in, byte[] message, MessageFields fields)
        throws IOException {
      return switch (kind) {
        case REQUEST_HEADERS, RESPONSE_HEADERS -> headers(kind, in, message, fields);
        case REQUEST_BODY, RESPONSE_BODY -> body(kind, ByteString.EMPTY, in, fields);
        case REQUEST_TRAILERS, RESPONSE_TRAILERS, NOTHING, MALFORMED -> {
          int tag;
          while ((tag = fields.next(in)) != 0) {
            fields.skip(in, tag);
          }
          yield new Content(kind, HeaderLines.NONE, ByteString.EMPTY, false);
        }
      };
    }

    private static Content headers(
        Kind kind, CodedInputStream in, byte[] message, MessageFields fields) throws IOException {
      HeaderLines headers = HeaderLines.NONE;
      boolean endsStream = false;
      int tag;
      while ((tag = fields.next(in)) != 0) {
        if (tag == HEADERS) {
          int outer = in.pushLimit(in.readRawVarint32());
          headers = HeaderLines.read(in, message, fields);
          in.popLimit(outer);
        } else if (tag == HEADERS_END) {
          endsStream = in.readBool();
        } else {
          fields.skip(in, tag);
        }
      }
      return new Content(kind, headers, ByteString.EMPTY, endsStream);
    }

    /** The rest of a body, of whose bytes some were read already. */
    static Content body(Kind kind, ByteString first, CodedInputStream in, MessageFields fields)
        throws IOException {
      ByteString body = first;
      boolean endsStream = false;
      int tag;
      while ((tag = fields.next(in)) != 0) {
        if (tag == BODY) {
          body = in.readBytes();
        } else if (tag == BODY_END) {
          endsStream = in.readBool();
        } else {
          fields.skip(in, tag);
        }
      }
      return new Content(kind, HeaderLines.NONE, body, endsStream);
    }
  }
}
