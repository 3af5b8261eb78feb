package ai.llmd.epp.traces;

import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.opentelemetry.sdk.common.export.GrpcSender;
import io.opentelemetry.sdk.common.export.GrpcSenderConfig;
import io.opentelemetry.sdk.common.export.GrpcSenderProvider;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Connects to a collector over gRPC; the SDK finds it by {@link java.util.ServiceLoader}. */
public final class GrpcSpanSenderProvider implements GrpcSenderProvider {

  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  @Override
  public GrpcSender createSender(GrpcSenderConfig config) {
    URI endpoint = config.getEndpoint();
    boolean isSecure = "https".equals(endpoint.getScheme());
    int port = endpoint.getPort() >= 0 ? endpoint.getPort() : isSecure ? HTTPS : HTTP;
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.getHost(), port)
            .defaultServiceConfig(retries(config))
            .enableRetry();
    if (!isSecure) {
      builder.usePlaintext();
    } else if (config.getSslContext() != null) {
      builder.sslContext(http2(config.getSslContext()));
    }
    return new GrpcSpanSender(builder.build(), config);
  }

  private static JdkSslContext http2(SSLContext context) {
    return new JdkSslContext(
        context,
        true,
        null,
        IdentityCipherSuiteFilter.INSTANCE,
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            "h2"),
        ClientAuth.NONE,
        null,
        false);
  }

  /** What the OTLP specification has a client try again, as a gRPC service configuration. */
  private static Map<String, ?> retries(GrpcSenderConfig config) {
    @Nullable RetryPolicy policy = config.getRetryPolicy();
    if (policy == null) {
      return Map.of();
    }
    return Map.of(
        "methodConfig",
        List.of(
            Map.of(
                "name",
                List.of(Map.of()),
                "retryPolicy",
                Map.of(
                    "maxAttempts", (double) policy.getMaxAttempts(),
                    "initialBackoff", seconds(policy.getInitialBackoff().toNanos()),
                    "maxBackoff", seconds(policy.getMaxBackoff().toNanos()),
                    "backoffMultiplier", policy.getBackoffMultiplier(),
                    "retryableStatusCodes",
                        List.of(
                            "CANCELLED",
                            "DEADLINE_EXCEEDED",
                            "RESOURCE_EXHAUSTED",
                            "ABORTED",
                            "OUT_OF_RANGE",
                            "UNAVAILABLE",
                            "DATA_LOSS")))));
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3fs", nanos / 1e9);
  }
}
