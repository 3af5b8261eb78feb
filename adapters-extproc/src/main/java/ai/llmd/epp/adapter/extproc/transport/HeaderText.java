package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.InternalMetadata;
import io.grpc.InternalStatus;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Writes headers for HTTP/2 without a table of earlier ones (RFC 7541): there are few, and nothing
 * has to be looked up.
 */
final class HeaderText {

  /** Says that no table is kept here, which peers expect that want a smaller one. */
  private static final int NO_TABLE = 0x20;

  private static final int STATUS_200 = 0x88;
  private static final int LITERAL = 0x00;
  private static final int FIRST_OF_LENGTH = 0x7f;

  /** Of a status, so that it fits into a frame however it is escaped. */
  private static final int MAX_MESSAGE_CHARS = 1_000;

  private static final byte[] STATUS = ascii(":status");
  private static final byte[] CONTENT_TYPE = ascii("content-type");
  private static final byte[] GRPC = ascii("application/grpc");
  private static final byte[] ENCODING = ascii("grpc-encoding");
  private static final byte[] ACCEPTED = ascii("grpc-accept-encoding");
  private static final byte[] GRPC_STATUS = ascii("grpc-status");
  private static final byte[] OK = ascii("0");
  private static final byte[] GZIP = ascii("gzip");

  private HeaderText() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The beginning of the first block on a connection. */
  static void tableless(ByteBuf to) {
    to.writeByte(NO_TABLE);
  }

  /** A response begins. */
  static void response(ByteBuf to, boolean isCompressed, Metadata headers) {
    to.writeByte(STATUS_200);
    literal(to, CONTENT_TYPE, GRPC);
    if (isCompressed) {
      literal(to, ENCODING, GZIP);
    }
    literal(to, ACCEPTED, GZIP);
    metadata(to, headers);
  }

  /** A response that has neither messages nor a status of gRPC. */
  static void refusal(ByteBuf to, int httpStatus) {
    literal(to, STATUS, ascii(Integer.toString(httpStatus)));
  }

  /** A stream ends. */
  static void trailers(ByteBuf to, Status status, Metadata trailers) {
    if (status.isOk() && status.getDescription() == null && trailers.keys().isEmpty()) {
      literal(to, GRPC_STATUS, OK);
      return;
    }
    Metadata all = new Metadata();
    all.merge(trailers);
    all.discardAll(InternalStatus.CODE_KEY);
    all.discardAll(InternalStatus.MESSAGE_KEY);
    all.put(InternalStatus.CODE_KEY, status);
    String description = status.getDescription();
    if (description != null) {
      int length = Math.min(description.length(), MAX_MESSAGE_CHARS);
      all.put(InternalStatus.MESSAGE_KEY, description.substring(0, length));
    }
    metadata(to, all);
  }

  private static void metadata(ByteBuf to, Metadata headers) {
    byte[][] namesAndValues = InternalMetadata.serialize(headers);
    for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
      literal(to, namesAndValues[i], namesAndValues[i + 1]);
    }
  }

  private static void literal(ByteBuf to, byte[] name, byte[] value) {
    to.writeByte(LITERAL);
    length(to, name.length);
    to.writeBytes(name);
    length(to, value.length);
    to.writeBytes(value);
  }

  /** An integer with a prefix of seven bits. */
  private static void length(ByteBuf to, int length) {
    if (length < FIRST_OF_LENGTH) {
      to.writeByte(length);
      return;
    }
    to.writeByte(FIRST_OF_LENGTH);
    int rest = length - FIRST_OF_LENGTH;
    while (rest >= 0x80) {
      to.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    to.writeByte(rest);
  }
}
