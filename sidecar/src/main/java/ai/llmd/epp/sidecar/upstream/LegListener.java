package ai.llmd.epp.sidecar.upstream;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;

/** Takes what comes of a {@link Leg}, on its event loop. */
public interface LegListener {

  /** A connection is there and the head of the request sent; parts of the body may follow. */
  default void opened() {}

  /** More of the request's body can be taken. */
  default void writable() {}

  /** The head of the answer. */
  void head(HttpResponse head);

  /** A part of the answer's body, and its ownership. */
  void part(HttpContent part);

  /** All that was read at once has been handed on; more comes after {@link Leg#read()}. */
  default void pause() {}

  /** The end of the answer; its own bytes were a part before. Nothing follows. */
  void end(LastHttpContent last);

  /** There is no answer, or not all of it. Nothing follows. */
  void failed(LegFailure failure);
}
