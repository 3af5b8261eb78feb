package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Reads the tags of one message, on all its levels, and bounds what reading it costs: a gateway's
 * message has a few hundred fields, whatever its size. One thread.
 */
final class MessageFields {

  /** Read in some ten milliseconds; a request of so many headers is refused long before. */
  static final int MAX_FIELDS = 200_000;

  /** Most bytes of metadata, of which each entry becomes objects. */
  static final int MAX_METADATA_BYTES = 512 << 10;

  /** As protobuf's own classes. */
  private static final int MAX_DEPTH = 100;

  private int fieldsLeft = MAX_FIELDS;
  private int metadataLeft = MAX_METADATA_BYTES;

  /**
   * The next tag; 0 at the end of the enclosing message.
   *
   * @throws IOException when there are too many, or it cannot be read
   */
  int next(CodedInputStream in) throws IOException {
    if (fieldsLeft-- == 0) {
      throw new IOException("a message of more than " + MAX_FIELDS + " fields");
    }
    return in.readTag();
  }

  /**
   * Passes over a field, of which a group's fields count as well.
   *
   * @throws IOException when there are too many, or it cannot be read
   */
  void skip(CodedInputStream in, int tag) throws IOException {
    skip(in, tag, 0);
  }

  private void skip(CodedInputStream in, int tag, int depth) throws IOException {
    if ((tag & 7) != WireFormat.WIRETYPE_START_GROUP) {
      in.skipField(tag);
      return;
    }
    if (depth == MAX_DEPTH) {
      throw new IOException("groups of more than " + MAX_DEPTH + " levels");
    }
    int end = tag - WireFormat.WIRETYPE_START_GROUP + WireFormat.WIRETYPE_END_GROUP;
    for (int inner = next(in); inner != end; inner = next(in)) {
      if (inner == 0 || (inner & 7) == WireFormat.WIRETYPE_END_GROUP) {
        throw new IOException("a group without its end");
      }
      skip(in, inner, depth + 1);
    }
  }

  /**
   * Counts bytes of metadata.
   *
   * @throws IOException when there are too many
   */
  void metadata(int bytes) throws IOException {
    if (bytes > metadataLeft) {
      throw new IOException("metadata of more than " + MAX_METADATA_BYTES + " bytes");
    }
    metadataLeft -= bytes;
  }
}
