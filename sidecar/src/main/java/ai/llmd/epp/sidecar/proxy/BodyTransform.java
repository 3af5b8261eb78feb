package ai.llmd.epp.sidecar.proxy;

import io.netty.buffer.ByteBuf;

/** Changes the body of an answer on its way. One answer, one thread. */
public interface BodyTransform {

  /** Takes a part and its ownership; returns what may be sent now, which may be nothing. */
  ByteBuf part(ByteBuf part);

  /** What is left at the end. */
  ByteBuf end();

  /**
   * Whether the head has to wait, since the length of the body is not known yet. Asked after each
   * part; what is sent at the end then is all of the body.
   */
  boolean isWhole();
}
