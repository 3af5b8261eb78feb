package ai.llmd.epp.adapter.metrics.page;

import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.domain.pool.Endpoint;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/** A data source whose pages are fetched over HTTP. */
public interface PageSource extends DataSource {

  /** {@code host:port} to connect to; the host is a name or an IP literal, IPv6 in brackets. */
  String authority(Endpoint endpoint);

  /** The request target, starting with a slash. */
  String path();

  /** How to talk TLS; null for plain HTTP. */
  @Nullable SslContext tls();

  /** The media type that is asked for, as in the header {@code Accept}. */
  String mediaType();
}
