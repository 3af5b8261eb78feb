package ai.llmd.epp.sidecar.edge;

import io.netty.handler.codec.http.HttpContent;

/** Takes the body of a request, on the exchange's event loop. */
public interface BodySink {

  /**
   * Takes the next part and its ownership; the last one is a {@code LastHttpContent}. The next part
   * comes only after {@link Exchange#readMore()}.
   */
  void sent(HttpContent part);
}
