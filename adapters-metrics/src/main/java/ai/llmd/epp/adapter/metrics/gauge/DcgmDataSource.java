package ai.llmd.epp.adapter.metrics.gauge;

import ai.llmd.epp.adapter.metrics.scrape.HttpMetricsDataSource;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Endpoint;
import java.time.Duration;

/**
 * The page of NVIDIA's DCGM exporter beside each endpoint or on its node: a metrics page at a port
 * of its own.
 */
public final class DcgmDataSource {

  private static final String NAME = "dcgm-data-source";

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
              NAME,
              new Parameters("http", "/metrics", 9400, true, false, Duration.ZERO),
              DcgmDataSource::source)
          .alpha();

  /**
   * Where and how the page is fetched.
   *
   * @param scheme {@code http} or {@code https}
   * @param path request target of the page, starting with a slash
   * @param port 1 to 65535
   * @param insecureSkipVerify whether any certificate of the server is accepted
   * @param useNodeAddress whether the exporter listens at the node's address instead of the
   *     endpoint's; where the node is not known, the endpoint's is asked
   * @param interval time between polls, rounded to ticks; zero means every tick
   */
  public record Parameters(
      String scheme,
      String path,
      int port,
      boolean insecureSkipVerify,
      boolean useNodeAddress,
      Duration interval) {

    private HttpMetricsDataSource.Parameters ofPage() {
      return new HttpMetricsDataSource.Parameters(
          scheme, path, port, insecureSkipVerify, "", "", "", interval);
    }
  }

  private DcgmDataSource() {}

  private static HttpMetricsDataSource source(Parameters parameters) {
    return new HttpMetricsDataSource(
        NAME,
        parameters.ofPage(),
        parameters.useNodeAddress() ? DcgmDataSource::ofNode : Endpoint::address);
  }

  private static String ofNode(Endpoint endpoint) {
    return endpoint.nodeAddress().isEmpty() ? endpoint.address() : endpoint.nodeAddress();
  }
}
