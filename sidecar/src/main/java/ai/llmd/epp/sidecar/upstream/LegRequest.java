package ai.llmd.epp.sidecar.upstream;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked.
 *
 * @param head the first line and all headers, the length among them
 * @param body the whole body; null when it is sent in parts through the {@link Leg}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LegRequest(HttpRequest head, byte @Nullable [] body) {

  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS,
          HttpMethod.TRACE,
          HttpMethod.PUT,
          HttpMethod.DELETE);

  /** Whether twice is as good as once (RFC 9110, 9.2.2). */
  boolean isIdempotent() {
    return IDEMPOTENT.contains(head.method());
  }
}
