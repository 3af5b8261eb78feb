package ai.llmd.epp.adapter.metrics.models;

import ai.llmd.epp.adapter.metrics.page.PageExtractor;
import ai.llmd.epp.adapter.metrics.page.PageSource;
import ai.llmd.epp.adapter.metrics.scrape.HttpMetricsDataSource;
import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Endpoint;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The list of its models that an endpoint serves, as OpenAI's API has it. */
public final class ModelsDataSource implements PageSource {

  private static final String NAME = "models-data-source";

  public static final PluginType<Parameters> TYPE =
      PluginType.of(
          NAME,
          new Parameters("http", "/v1/models", true, "", "", "", Duration.ofSeconds(1)),
          ModelsDataSource::new);

  /**
   * Where and how the list is fetched, where the endpoint's metrics are.
   *
   * @param scheme {@code http} or {@code https}
   * @param path request target of the list, starting with a slash
   * @param insecureSkipVerify whether any certificate of the server is accepted
   * @param caCertPath PEM file of the authorities to trust instead of the JDK's; not used when
   *     nothing is verified; empty for none
   * @param clientCertPath PEM file of our certificate chain; empty for none
   * @param clientKeyPath PEM file of its key, PKCS#8 without a password; given with the certificate
   * @param interval time between polls, rounded to ticks; zero means every tick
   */
  public record Parameters(
      String scheme,
      String path,
      boolean insecureSkipVerify,
      String caCertPath,
      String clientCertPath,
      String clientKeyPath,
      Duration interval) {

    public Parameters {
      HttpMetricsDataSource.Parameters _ =
          page(
              scheme,
              path,
              insecureSkipVerify,
              caCertPath,
              clientCertPath,
              clientKeyPath,
              interval); // refuses what no page can have
    }

    private HttpMetricsDataSource.Parameters page() {
      return page(
          scheme, path, insecureSkipVerify, caCertPath, clientCertPath, clientKeyPath, interval);
    }

    private static HttpMetricsDataSource.Parameters page(
        String scheme,
        String path,
        boolean insecureSkipVerify,
        String caCertPath,
        String clientCertPath,
        String clientKeyPath,
        Duration interval) {
      return new HttpMetricsDataSource.Parameters(
          scheme,
          path,
          null,
          insecureSkipVerify,
          caCertPath,
          clientCertPath,
          clientKeyPath,
          interval);
    }
  }

  private final HttpMetricsDataSource page;

  /**
   * @throws IllegalArgumentException when a certificate or key cannot be read
   */
  public ModelsDataSource(Parameters parameters) {
    this.page = new HttpMetricsDataSource(NAME, parameters.page());
  }

  @Override
  public String type() {
    return NAME;
  }

  @Override
  public boolean feeds(Extractor extractor) {
    return extractor instanceof PageExtractor;
  }

  @Override
  public Duration interval() {
    return page.interval();
  }

  @Override
  public String authority(Endpoint endpoint) {
    return page.authority(endpoint);
  }

  @Override
  public String path() {
    return page.path();
  }

  @Override
  public @Nullable SslContext tls() {
    return page.tls();
  }

  @Override
  public String mediaType() {
    return "application/json";
  }
}
