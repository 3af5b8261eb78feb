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

  /**
   * Whether the body is complete and is being read on another thread; its answer is yet to come.
   */
  default boolean isBeingRead() {
    return false;
  }

  /** Gives all memory back; the conversation is over. */
  default void release() {}
}
