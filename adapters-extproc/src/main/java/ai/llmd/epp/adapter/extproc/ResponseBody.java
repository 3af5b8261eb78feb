package ai.llmd.epp.adapter.extproc;

import com.google.protobuf.ByteString;

/** How the body of one response is read and answered. One stream's thread. */
sealed interface ResponseBody permits HeldBody, ChunkedBody, MessageBody {

  /**
   * A piece of the body has come.
   *
   * @param isLast the response ends with it
   * @return who takes the next piece
   */
  ResponseBody body(ByteString bytes, boolean isLast);

  /** Trailers end the response. */
  void trailers();

  /** Whether a piece is read when it comes: its names, and in a stream its usage. */
  default boolean isReadByPieces() {
    return true;
  }

  /**
   * Whether what has come is being read on another thread. Its answer is yet to come, and no other
   * message is handled before that.
   */
  default boolean isBeingRead() {
    return false;
  }

  /** Gives all memory back; the conversation is over. */
  default void release() {}
}
