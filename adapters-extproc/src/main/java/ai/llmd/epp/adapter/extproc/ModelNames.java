package ai.llmd.epp.adapter.extproc;

import com.google.protobuf.ByteString;

/** Gives a response the name by which its client knows the model. Stateless; any thread. */
@FunctionalInterface
public interface ModelNames {

  /**
   * The bytes with every mention of the served model renamed; the very bytes when there is none.
   *
   * @param bytes a whole body or a chunk of one
   * @param served model that answered
   * @param asked model that the client named, another one
   */
  ByteString rename(ByteString bytes, String served, String asked);
}
