package ai.llmd.epp.sidecar.trace;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** The span of one stage of a request. Nothing has an effect after its end. Any thread. */
public interface StageSpan {

  /** Records nothing. */
  StageSpan NONE = new StageSpan() {};

  /** Makes a leg's headers lead to it. */
  default void handOn(HttpHeaders headers) {}

  /** Adds an attribute. */
  default void note(String name, long value) {}

  /** Ends it with an answer. */
  default void answered(int status) {}

  /** Ends it without one. */
  default void failed(@Nullable String reason) {}
}
