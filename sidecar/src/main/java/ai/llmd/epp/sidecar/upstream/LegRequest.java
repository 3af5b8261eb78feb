package ai.llmd.epp.sidecar.upstream;

import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * What is asked.
 *
 * @param head the first line and all headers, the length among them
 * @param body the whole body; null when it is sent in parts through the {@link Leg}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LegRequest(HttpRequest head, byte @Nullable [] body) {

  /** Whether it can be sent again. */
  boolean isRepeatable() {
    return body != null;
  }
}
