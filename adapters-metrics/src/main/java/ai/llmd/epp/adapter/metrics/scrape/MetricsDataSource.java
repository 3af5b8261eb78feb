package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.pool.Endpoint;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A plugin that says where the metrics page of an endpoint is and how often to read it. */
public interface MetricsDataSource extends Plugin {

  /** The plugin type, under which failed polls are counted. */
  String type();

  /** {@code host:port} to connect to; the host is an IP literal, an IPv6 one in brackets. */
  String authority(Endpoint endpoint);

  /** The request target, starting with a slash. */
  String path();

  /** Time between two polls of an endpoint; zero means every tick. */
  Duration interval();

  /** How to talk TLS; null for plain HTTP. */
  @Nullable SslContext tls();
}
