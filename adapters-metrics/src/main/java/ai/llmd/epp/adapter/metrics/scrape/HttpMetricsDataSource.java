package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.pool.Endpoint;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.time.Duration;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The metrics page that an endpoint serves over HTTP or HTTPS. */
public final class HttpMetricsDataSource implements MetricsDataSource {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("metrics-data-source", Parameters.DEFAULTS, HttpMetricsDataSource::new);

  /** The page of another cluster's picker: over HTTPS, whose certificate is verified. */
  public static final PluginType<Parameters> MULTICLUSTER_TYPE =
      PluginType.of(
              "multicluster-metrics-data-source",
              new Parameters("https", "/metrics", null, false, "", "", "", Duration.ZERO),
              parameters ->
                  new HttpMetricsDataSource("multicluster-metrics-data-source", parameters))
          .alpha();

  /**
   * Where and how the page is fetched.
   *
   * @param scheme {@code http} or {@code https}
   * @param path request target of the page, starting with a slash
   * @param port 1 to 65535, instead of the port at which the endpoint's metrics are announced
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
      @Nullable Integer port,
      boolean insecureSkipVerify,
      String caCertPath,
      String clientCertPath,
      String clientKeyPath,
      Duration interval) {

    public static final Parameters DEFAULTS =
        new Parameters("http", "/metrics", null, true, "", "", "", Duration.ZERO);

    public Parameters {
      if (!scheme.equals("http") && !scheme.equals("https")) {
        throw new IllegalArgumentException(
            "scheme: unsupported scheme: " + scheme + "; known: http, https");
      }
      if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c >= 0x7F)) {
        throw new IllegalArgumentException(
            "path must start with / and hold visible ASCII characters only, was " + path);
      }
      if (port != null && (port < 1 || port > 65_535)) {
        throw new IllegalArgumentException("port must be within 1 and 65535, was " + port);
      }
      if (interval.isNegative()) {
        throw new IllegalArgumentException("interval must not be negative, was " + interval);
      }
      if (clientCertPath.isEmpty() != clientKeyPath.isEmpty()) {
        throw new IllegalArgumentException(
            "clientCertPath and clientKeyPath must be given together");
      }
    }
  }

  private final String type;
  private final Parameters parameters;
  private final Function<Endpoint, String> address;
  private final @Nullable SslContext tls;

  /**
   * @throws IllegalArgumentException when a certificate or key cannot be read
   */
  public HttpMetricsDataSource(Parameters parameters) {
    this(TYPE.name(), parameters);
  }

  /**
   * A source under another name.
   *
   * @param type the plugin type
   * @throws IllegalArgumentException when a certificate or key cannot be read
   */
  public HttpMetricsDataSource(String type, Parameters parameters) {
    this(type, parameters, Endpoint::address);
  }

  /**
   * A source under another name, and at another address.
   *
   * @param type the plugin type
   * @param address of an endpoint, an IP literal without brackets; counts where a port is given
   * @throws IllegalArgumentException when a certificate or key cannot be read
   */
  public HttpMetricsDataSource(
      String type, Parameters parameters, Function<Endpoint, String> address) {
    this.type = type;
    this.parameters = parameters;
    this.address = address;
    this.tls = parameters.scheme().equals("https") ? tlsOf(parameters) : null;
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public String authority(Endpoint endpoint) {
    Integer port = parameters.port();
    return port == null
        ? endpoint.metricsHost()
        : Endpoint.hostPort(address.apply(endpoint), port.intValue());
  }

  @Override
  public String path() {
    return parameters.path();
  }

  @Override
  public Duration interval() {
    return parameters.interval();
  }

  @Override
  public @Nullable SslContext tls() {
    return tls;
  }

  private static SslContext tlsOf(Parameters parameters) {
    try {
      SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
      if (parameters.insecureSkipVerify()) {
        builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        builder.endpointIdentificationAlgorithm(null);
      } else if (!parameters.caCertPath().isEmpty()) {
        builder.trustManager(new File(parameters.caCertPath()));
      }
      if (!parameters.clientCertPath().isEmpty()) {
        builder.keyManager(
            new File(parameters.clientCertPath()), new File(parameters.clientKeyPath()));
      }
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "caCertPath, clientCertPath or clientKeyPath cannot be used: " + reasonOf(e), e);
    }
  }

  private static String reasonOf(Throwable failure) {
    Throwable cause = failure.getCause();
    String reason = String.valueOf(failure.getMessage());
    return cause == null ? reason : reason + ": " + cause.getMessage();
  }
}
